import { describe, expect, it } from 'vitest';
import { type SignedFields, Signer, signatureHeaders } from '../wire/signature.ts';
import { Authenticator, type RequestHead } from './authentication.ts';

const secret = 'a secret that is long enough to be one';
const bootId = 'boot-1';
let nonces = 0;

async function head(change: Partial<SignedFields> = {}, by = secret): Promise<RequestHead> {
  const fields: SignedFields = {
    method: 'POST',
    path: '/v1/run',
    bodyBytes: 3,
    bodyDigest: 'ab'.repeat(32),
    time: 1_000_000,
    nonce: (nonces++).toString(16).padStart(32, '0'),
    bootId,
    ...change,
  };
  const headers: Record<string, string> = {
    [signatureHeaders.signature]: await new Signer(by).signature(fields),
    [signatureHeaders.digest]: fields.bodyDigest,
    [signatureHeaders.time]: String(fields.time),
    [signatureHeaders.nonce]: fields.nonce,
    [signatureHeaders.bootId]: fields.bootId,
  };
  return { ...fields, header: name => headers[name] };
}

describe('Authenticator', () => {
  const authenticator = new Authenticator(secret, bootId, () => 1_000_000);

  it('takes a signed request and returns its claim', async () => {
    expect(await authenticator.authenticate(await head())).toMatchObject({ bodyDigest: 'ab'.repeat(32), bootId });
  });

  it.each([-60_000, 60_000])('takes one dated %i ms off', async offset => {
    await expect(authenticator.authenticate(await head({ time: 1_000_000 + offset }))).resolves.toBeTruthy();
  });

  it.each([
    ['stale', { time: 1_000_000 - 60_001 }],
    ['stale', { time: 1_000_000 + 60_001 }],
    ['boot_changed', { bootId: 'boot-2' }],
  ])('refuses: %s %j', async (reason, change) => {
    await expect(authenticator.authenticate(await head(change))).rejects.toMatchObject({ reason });
  });

  it('refuses one that is not signed, or by another secret, and says nothing more of it', async () => {
    const unsigned = { ...(await head()), header: () => undefined };
    await expect(authenticator.authenticate(unsigned)).rejects.toMatchObject({ status: 401, reason: 'unsigned' });
    for (const change of [{}, { bootId: 'boot-2' }, { time: 1 }]) {
      const forged = await head(change, 'another secret that is also long enough');
      await expect(authenticator.authenticate(forged)).rejects.toMatchObject({ status: 401, reason: 'signature' });
    }
  });

  it('refuses a signature for another method, path or length', async () => {
    for (const change of [{ method: 'GET' }, { path: '/v1/run?x' }, { bodyBytes: 4 }]) {
      const moved = { ...(await head()), ...change };
      await expect(authenticator.authenticate(moved)).rejects.toMatchObject({ reason: 'signature' });
    }
  });

  it('takes a request once', async () => {
    const once = await head();
    await authenticator.authenticate(once);
    await expect(authenticator.authenticate(once)).rejects.toMatchObject({ status: 401, reason: 'replayed' });
  });

  it('does not remember what was not signed', async () => {
    const genuine = await head();
    const forged = { ...genuine, path: '/v1/checkpoints' };
    await expect(authenticator.authenticate(forged)).rejects.toMatchObject({ reason: 'signature' });
    await expect(authenticator.authenticate(genuine)).resolves.toBeTruthy();
  });
});
