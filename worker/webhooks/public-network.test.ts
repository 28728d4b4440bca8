import { BlockList } from 'node:net';
import { describe, expect, it } from 'vitest';
import { isPublicAddress, publicNetwork } from './public-network.ts';

/** The same ranges, as Node understands them. */
function listOf(ranges: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const range of ranges) {
    const [base = '', prefix] = range.split('/');
    list.addSubnet(base, Number(prefix), base.includes(':') ? 'ipv6' : 'ipv4');
  }
  return address => list.check(address, address.includes(':') ? 'ipv6' : 'ipv4');
}

describe('isPublicAddress', () => {
  it('reads the ranges as Node does, at both ends of each and beside them', () => {
    const [isAllowed, isDenied] = [listOf(publicNetwork.allow), listOf(publicNetwork.deny)];
    const addresses = [...publicNetwork.allow, ...publicNetwork.deny].flatMap(edges);
    expect(addresses.length).toBeGreaterThan(100);
    const expected = addresses.map(address => [address, isAllowed(address) && !isDenied(address)]);
    expect(addresses.map(address => [address, isPublicAddress(address)])).toEqual(expected);
    expect(new Set(expected.map(([, isPublic]) => isPublic))).toEqual(new Set([true, false]));
  });

  it('writes ranges behind a translator as their addresses are', () => {
    expect(publicNetwork.deny).toContain('64:ff9b::7f00:0/104');
    expect(publicNetwork.deny).toContain('64:ff9b::a83f:8110/128');
  });
});

/** The first and the last address of a range, and their neighbours. */
function edges(range: string): string[] {
  const [base = '', prefix] = range.split('/');
  const width = base.includes(':') ? 128n : 32n;
  const hosts = 1n << (width - BigInt(Number(prefix)));
  const first = toNumber(base);
  return [first - 1n, first, first + 1n, first + hosts - 1n, first + hosts]
    .filter(value => value >= 0n && value < 1n << width)
    .map(value => toText(value, width));
}

function toNumber(address: string): bigint {
  if (!address.includes(':')) return BigInt(Buffer.from(address.split('.').map(Number)).readUInt32BE());
  const [head = '', tail = ''] = address.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const all = [...groups(head)];
  while (all.length + groups(tail).length < 8) all.push('0');
  return BigInt(`0x${[...all, ...groups(tail)].map(group => group.padStart(4, '0')).join('')}`);
}

/** As a URL has it. */
function toText(value: bigint, width: bigint): string {
  const hex = value.toString(16).padStart(Number(width) / 4, '0');
  if (width === 32n) return [...Buffer.from(hex, 'hex')].join('.');
  return new URL(`http://[${hex.match(/.{4}/g)!.join(':')}]`).hostname.slice(1, -1);
}
