import { expect, it } from 'vitest';
import { crc32 } from './crc32.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

it('is that of zlib and PNG, of pieces as of the whole', () => {
  expect(crc32(bytes('123456789'))).toBe(0xcbf4_3926);
  expect(crc32(bytes('IEND'))).toBe(0xae42_6082);
  expect(crc32(bytes('1234'), bytes(''), bytes('56789'))).toBe(0xcbf4_3926);
  expect(crc32()).toBe(0);
});
