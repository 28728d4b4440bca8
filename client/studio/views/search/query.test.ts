import { expect, it } from 'vitest';
import { addressOf, readAddress, spacesFor } from './query.ts';

const key = 'a'.repeat(64);
const parameters = (address: string) => Object.fromEntries(new URL(address, 'http://x').searchParams);

it('an address asks for what it was made of', () => {
  for (const query of [{ kind: 'text', text: 'a cat & a dog?' } as const, { kind: 'latent', key } as const]) {
    const read = parameters(addressOf(query, 'LATENT'));
    expect(readAddress(read)).toEqual(query);
    expect(read.space).toBe('LATENT');
  }
  expect(readAddress({ text: ' ' })).toBeNull();
  expect(readAddress({ like: 'x' })).toBeNull();
});

it('texts and files have no place in every space', () => {
  const all = ['EMBEDDING', 'LATENT', 'PROMPT'] as const;
  expect(spacesFor({ kind: 'text', text: 'a' }, all)).toEqual(['EMBEDDING', 'PROMPT']);
  expect(spacesFor({ kind: 'file', file: new File([], 'a.png') }, all)).toEqual(['EMBEDDING', 'LATENT']);
  expect(spacesFor({ kind: 'latent', key }, ['LATENT', 'PROMPT'])).toEqual(['LATENT', 'PROMPT']);
});
