/** Which addresses may be told that a generation has ended. */
import { addressOf, isPublicAddress } from './public-network.ts';

/** As much as URLs may have that everything on the way takes. */
const mostCharacters = 2_048;

/** Names that mean something on one machine or in one network only. */
const localNames = ['localhost', 'localdomain', 'local', 'internal', 'home.arpa'];

const expected = 'an address such as https://example.org/darkroom';

export interface AddressRules {
  /** Whether hosts of this machine and its networks may be named, and asked without TLS. */
  readonly allowPrivate: boolean;
}

/**
 * What is wrong with an address, in one line; null for one that may be called. What its host's name resolves to is not
 * known here: the network that calls are made through looks at that (`webhookFetch`).
 *
 * @example addressIssue('http://example.org', { allowPrivate: false }) // 'webhook does not begin with https://: …'
 */
export function addressIssue(text: string, { allowPrivate }: AddressRules): string | null {
  if (text.length > mostCharacters) {
    return `webhook has ${text.length} characters: at most ${mostCharacters}`;
  }
  // What URL parsers would drop, or read as something else, was not meant.
  if (!/^https?:\/\/[^\s\p{Cc}\\]+$/iu.test(text) || !text.isWellFormed() || !URL.canParse(text)) {
    return `webhook is not an http(s) address: expected ${expected}`;
  }
  const { protocol, username, password, hostname } = new URL(text);
  if (username !== '' || password !== '') {
    return 'webhook holds a user name or password: leave it out, calls are signed instead';
  }
  if (allowPrivate) return null;
  if (protocol !== 'https:') return `webhook does not begin with https://: expected ${expected}`;
  return isPublicHost(hostname)
    ? null
    : `webhook names a host that is not on the public internet: expected ${expected}`;
}

function isPublicHost(host: string): boolean {
  const address = addressOf(host);
  if (address !== null) return isPublicAddress(address);
  // A name of one word, or with a dot at its end, is looked up in ways that only one network knows.
  if (!host.includes('.') || host.endsWith('.')) return false;
  return !localNames.some(name => host.endsWith(`.${name}`));
}
