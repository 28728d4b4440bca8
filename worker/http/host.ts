/**
 * Which hosts this server answers for. A page can make a browser believe that its own name has our address (DNS
 * rebinding); what it cannot do is make the browser send another name than its own.
 */
export interface KnownHosts {
  readonly publicUrl: URL | null;
  readonly allowedHosts: readonly string[];
}

/** They resolve to the caller's own machine for everybody, so nobody else's page can have them as its name. */
const loopback = ['localhost', '127.0.0.1', '[::1]'];

/** Whether a `Host` header names this server. Loopback names pass with any port: it may be forwarded. */
export function isKnownHost(host: string | null, { publicUrl, allowedHosts }: KnownHosts): boolean {
  const name = hostName(host);
  if (name === null) return false;
  const whole = host!.toLowerCase();
  if (loopback.includes(name)) return true;
  // A default port may be left out by the browser, or written by another client.
  if (publicUrl && (whole === publicUrl.host || whole === `${publicUrl.hostname}:${defaultPort(publicUrl)}`))
    return true;
  return allowedHosts.some(allowed => allowed === whole || allowed === name || `[${allowed}]` === name);
}

/** Why a request for a host is refused, and what its operator can type to have it answered. */
export function unknownHost(host: string | null): string {
  const name = hostName(host);
  if (name === null) return 'The Host header is not the name or address of a host';
  return (
    `This server does not answer for the host ${name}. Where it should, start it with ALLOWED_HOSTS=${name} ` +
    '(more hosts after commas), or with PUBLIC_URL set to the address that browsers show'
  );
}

/** A `Host` header without its port, lower case; null where it is none. */
function hostName(host: string | null): string | null {
  const [, name, port] = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]{1,253})(?::(\d{1,5}))?$/i.exec(host ?? '') ?? [];
  return name === undefined || Number(port ?? 0) > 65_535 ? null : name.toLowerCase();
}

function defaultPort({ protocol, port }: URL): string {
  return port || (protocol === 'https:' ? '443' : '80');
}
