/**
 * Which addresses anybody on the internet may have. What is not among them belongs to this machine or its neighbours: a
 * caller who could make the server ask there would ask with the server's own reach.
 */

/** IPv4 that is nobody's in public (IANA's special-purpose registry, RFC 6890), in CIDR notation. */
const reservedIPv4 = [
  '0.0.0.0/8', // this network; many systems take it for loopback
  '10.0.0.0/8', // private
  '100.64.0.0/10', // carrier-grade NAT
  '127.0.0.0/8', // loopback
  '168.63.129.16/32', // Azure's own, to each of its machines
  '169.254.0.0/16', // link-local; clouds tell a machine's credentials here
  '172.16.0.0/12', // private
  '192.0.0.0/24', // protocols
  '192.0.2.0/24', // documentation
  '192.88.99.0/24', // 6to4 relays, given up
  '192.168.0.0/16', // private
  '198.18.0.0/15', // benchmarks
  '198.51.100.0/24', // documentation
  '203.0.113.0/24', // documentation
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved; broadcast
];

/** Of what is given out in IPv6, 2000::/3. */
const reservedIPv6 = [
  '2001::/23', // protocols; Teredo leads to an IPv4 address
  '2001:db8::/32', // documentation
  '2002::/16', // 6to4: leads to an IPv4 address
  '3fff::/20', // documentation
];

/** A translator to IPv4 (RFC 6052): the last 32 bits are an IPv4 address, which must be a public one. */
const translated = '64:ff9b::';

/** What is in one of `allow` and in none of `deny`, in the words of workerd's network service. */
export const publicNetwork: { readonly allow: readonly string[]; readonly deny: readonly string[] } = {
  allow: ['0.0.0.0/0', '2000::/3', `${translated}/96`],
  deny: [...reservedIPv4, ...reservedIPv6, ...reservedIPv4.map(toTranslated)],
};

/**
 * Whether a host is an address, and which.
 * @param host as a `URL` has it: IPv4 as four decimal numbers, IPv6 in brackets
 * @returns null for a name
 */
export function addressOf(host: string): string | null {
  if (host.startsWith('[')) return host.slice(1, -1);
  return /^\d+(\.\d+){3}$/.test(host) ? host : null;
}

/** @param address as `addressOf` answers it */
export function isPublicAddress(address: string): boolean {
  const bits = unmapped(toBits(address));
  return (
    publicNetwork.allow.some(range => isWithin(bits, range)) && !publicNetwork.deny.some(range => isWithin(bits, range))
  );
}

interface Bits {
  readonly value: bigint;
  readonly width: 32 | 128;
}

function toBits(address: string): Bits {
  if (!address.includes(':')) {
    return { value: address.split('.').reduce((bits, byte) => (bits << 8n) | BigInt(byte), 0n), width: 32 };
  }
  const [head = [], tail = []] = address.split('::').map(part => part.split(':').filter(group => group !== ''));
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => '0');
  const groups = [...head, ...zeros, ...tail];
  return { value: groups.reduce((bits, group) => (bits << 16n) | BigInt(`0x${group}`), 0n), width: 128 };
}

/** `::ffff:a.b.c.d` is an IPv4 address in IPv6's clothes: systems connect to the former. */
function unmapped({ value, width }: Bits): Bits {
  return width === 128 && value >> 32n === 0xffffn ? { value: value & 0xffff_ffffn, width: 32 } : { value, width };
}

function isWithin({ value, width }: Bits, range: string): boolean {
  const [base = '', prefix] = range.split('/');
  const network = toBits(base);
  const rest = BigInt(width - Number(prefix));
  return network.width === width && network.value >> rest === value >> rest;
}

function toTranslated(range: string): string {
  const [base = '', prefix] = range.split('/');
  const { value } = toBits(base);
  const groups = [value >> 16n, value & 0xffffn].map(group => group.toString(16));
  return `${translated}${groups.join(':')}/${96 + Number(prefix)}`;
}
