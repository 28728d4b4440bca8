/** Files that are stored while they are sent, in the runtime whose streams and bucket they go through. */
import { createHash } from 'node:crypto';
import { Miniflare, type MiniflareOptions } from 'miniflare';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { closed } from '../../scripts/edge/closed.ts';
import { endWithUs, workerds } from '../../scripts/edge/orphans.ts';
import { edgeModules } from './edge-modules.ts';

const name = 'store';
const entry = 'test/edge/store-worker.ts';
let miniflare: Miniflare;
let url: string;
let letGo = () => {};

beforeAll(async () => {
  const others = await workerds();
  const modules = await edgeModules(entry);
  const options: MiniflareOptions = {
    ...closed,
    workers: [
      {
        config: {
          name,
          compatibilityDate: '2026-10-30',
          compatibilityFlags: ['no_nodejs_compat', 'no_nodejs_compat_v2'],
          manifest: { mainModule: entry, modules },
          env: { BLOBS: { type: 'r2', name: 'blobs' } },
        },
        dev: { unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }] },
      },
    ],
  };
  miniflare = new Miniflare(options);
  await miniflare.ready;
  letGo = endWithUs((await workerds()).filter(pid => !others.includes(pid)));
  url = String(await miniflare.unsafeGetDirectURL(name));
});
afterAll(async () => {
  letGo();
  await miniflare?.dispose();
});

const file = new Uint8Array(3_000_000).map((_, i) => (i * 31) % 251);
const digestOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Sends a body in pieces as told. @returns what came back; null where it was cut short */
async function through(body: Uint8Array<ArrayBuffer>, bytes: number, sha256: string): Promise<Uint8Array | null> {
  try {
    const response = await fetch(`${url}?bytes=${bytes}&sha256=${sha256}`, { method: 'POST', body });
    return response.ok ? await response.bytes() : null;
  } catch {
    return null;
  }
}

const stored = async () => {
  const response = await fetch(url);
  return response.ok ? response.bytes() : null;
};

describe('sendAndStore', () => {
  beforeEach(async () => {
    await fetch(url, { method: 'DELETE' });
  });

  it('sends all of it and stores all of it', async () => {
    const sent = await through(file, file.byteLength, digestOf(file));
    expect(sent && digestOf(sent)).toBe(digestOf(file));
    expect(digestOf((await stored())!)).toBe(digestOf(file));
  });

  it.each<[string, Uint8Array<ArrayBuffer>, number, string]>([
    ['ends early', file.slice(0, -1), file.byteLength, digestOf(file)],
    ['goes on', file, file.byteLength - 1, digestOf(file.slice(0, -1))],
    ['is damaged', file.map((byte, i) => (i === 17 ? byte ^ 1 : byte)), file.byteLength, digestOf(file)],
  ])('cuts a file short that %s, and stores nothing of it', async (_, body, bytes, sha256) => {
    const sent = await through(body, bytes, sha256);
    expect(sent?.byteLength ?? 0).toBeLessThan(file.byteLength - 1);
    expect(await stored()).toBeNull();
  });
});
