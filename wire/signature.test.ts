import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { equalInConstantTime, readClaim, type SignedFields, Signer, sha256, signatureHeaders } from './signature.ts';

const secret = 'a secret that is long enough to be one';
const fields: SignedFields = {
  method: 'POST',
  path: '/v1/run',
  bodyBytes: 12,
  bodyDigest: 'ab'.repeat(32),
  time: 1_700_000_000_000,
  nonce: '0f'.repeat(16),
  bootId: '6ff3c0de-0000-4000-8000-000000000000',
};

describe('Signer', () => {
  it('is HMAC-SHA256 over one line per field', async () => {
    const text = `darkroom-hmac-sha256-1\nPOST\n/v1/run\n12\n${fields.bodyDigest}\n1700000000000\n${fields.nonce}\n${fields.bootId}`;
    const expected = createHmac('sha256', secret).update(text).digest('hex');
    expect(await new Signer(secret).signature(fields)).toBe(expected);
  });

  it('verifies what it signed and nothing else', async () => {
    const signer = new Signer(secret);
    const signature = await signer.signature(fields);
    expect(await signer.verify(fields, signature)).toBe(true);
    const changes: Partial<SignedFields>[] = [
      { method: 'GET' },
      { path: '/v1/run?' },
      { bodyBytes: 13 },
      { bodyDigest: 'ac'.repeat(32) },
      { time: fields.time + 1 },
      { nonce: '0e'.repeat(16) },
      { bootId: '6ff3c0de-0000-4000-8000-000000000001' },
    ];
    for (const change of changes) expect(await signer.verify({ ...fields, ...change }, signature)).toBe(false);
    expect(await new Signer(`${secret}.`).verify(fields, signature)).toBe(false);
  });

  it('signs a request with headers that can be read back', async () => {
    const signer = new Signer(secret);
    const body = new TextEncoder().encode('hello');
    const headers = await signer.sign({ method: 'POST', path: '/v1/run', body, bootId: fields.bootId });
    const claim = readClaim(name => headers[name])!;
    expect(claim.bodyDigest).toBe(createHash('sha256').update(body).digest('hex'));
    expect(Math.abs(claim.time - Date.now())).toBeLessThan(5000);
    const { signature, ...rest } = claim;
    expect(await signer.verify({ method: 'POST', path: '/v1/run', bodyBytes: 5, ...rest }, signature)).toBe(true);
    const again = await signer.sign({ method: 'POST', path: '/v1/run', body, bootId: fields.bootId });
    expect(again[signatureHeaders.nonce]).not.toBe(headers[signatureHeaders.nonce]);
  });
});

describe('readClaim', () => {
  const good = {
    [signatureHeaders.signature]: 'ab'.repeat(32),
    [signatureHeaders.digest]: 'cd'.repeat(32),
    [signatureHeaders.time]: '1700000000000',
    [signatureHeaders.nonce]: 'ef'.repeat(16),
    [signatureHeaders.bootId]: 'boot-1',
  };
  const read = (headers: Record<string, string>) => readClaim(name => headers[name]);

  it('is null when a header is missing or malformed', () => {
    expect(read(good)).not.toBeNull();
    for (const name of Object.values(signatureHeaders)) {
      expect(read({ ...good, [name]: '' })).toBeNull();
      expect(read({ ...good, [name]: `${good[name]}\n` })).toBeNull();
      expect(read({ ...good, [name]: 'x'.repeat(65) })).toBeNull();
    }
    expect(read({ ...good, [signatureHeaders.time]: '1e12' })).toBeNull();
    expect(read({ ...good, [signatureHeaders.digest]: 'CD'.repeat(32) })).toBeNull();
  });
});

describe('equalInConstantTime', () => {
  it('compares', () => {
    expect(equalInConstantTime('abc', 'abc')).toBe(true);
    expect(equalInConstantTime('abc', 'abd')).toBe(false);
    expect(equalInConstantTime('abc', 'ab')).toBe(false);
  });
});

describe('sha256', () => {
  it('is lower-case hex', async () => {
    expect(await sha256(new Uint8Array(0))).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  });
});
