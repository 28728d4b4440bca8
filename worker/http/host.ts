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
  const parts = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?$/i.exec(host ?? '');
  if (!parts || Number(parts[2] ?? 0) > 65_535) return false;
  const name = parts[1]!.toLowerCase();
  const whole = host!.toLowerCase();
  if (loopback.includes(name)) return true;
  // A default port may be left out by the browser, or written by another client.
  if (publicUrl && (whole === publicUrl.host || whole === `${publicUrl.hostname}:${defaultPort(publicUrl)}`))
    return true;
  return allowedHosts.some(allowed => allowed === whole || allowed === name || `[${allowed}]` === name);
}

function defaultPort({ protocol, port }: URL): string {
  return port || (protocol === 'https:' ? '443' : '80');
}
