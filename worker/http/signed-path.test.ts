import { describe, expect, it } from 'vitest';
import { isSigned, signPath } from './signed-path.ts';

const path = '/images/01-0.png';
const token = async (secret: string, of = path) =>
  new URL(await signPath(secret, of), 'http://x').searchParams.get('token');

describe('a signed path', () => {
  it('carries a token of 256 bits that is good for it, again and again', async () => {
    expect(await signPath('secret', path)).toMatch(/^\/images\/01-0\.png\?token=[A-Za-z0-9_-]{43}$/);
    expect(await token('secret')).toBe(await token('secret'));
    expect(await isSigned('secret', path, await token('secret'))).toBe(true);
  });

  it('is not good for another path or another secret', async () => {
    expect(await isSigned('secret', '/images/01-1.png', await token('secret'))).toBe(false);
    expect(await isSigned('secret', path, await token('other'))).toBe(false);
  });

  it.each([null, '', 'x', '='.repeat(43), 'A'.repeat(43), 'A'.repeat(44)])('is not signed by %j', async wrong => {
    expect(await isSigned('secret', path, wrong)).toBe(false);
  });
});
