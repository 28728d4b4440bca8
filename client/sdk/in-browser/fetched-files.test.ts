import { afterEach, describe, expect, it } from 'vitest';
import { FetchedFiles } from './fetched-files.ts';

const digest = 'd'.repeat(64);
const contents: Record<string, Uint8Array<ArrayBuffer>> = {
  'unet/config.json': new TextEncoder().encode('{}'),
  'unet/model.safetensors': new Uint8Array(100_000).map((_, i) => i % 251),
};

/** A folder of a server that counts what it is asked. */
function folder(bytes: Record<string, number | null> = {}, length: (real: number) => number | null = real => real) {
  const asked: string[] = [];
  const files = Object.entries(contents).map(([path, content]) => {
    return { path, url: `http://x/${path}?token=t`, bytes: path in bytes ? bytes[path]! : content.byteLength };
  });
  const fetch: typeof globalThis.fetch = async input => {
    const path = new URL(String(input)).pathname.slice(1);
    asked.push(path);
    const content = contents[path];
    if (!content) return new Response(null, { status: path === 'gone' ? 404 : 500 });
    const said = length(content.byteLength);
    return new Response(
      new Blob([content]).stream(),
      said === null ? {} : { headers: { 'content-length': `${said}` } },
    );
  };
  return { asked, fetch, remote: { digest, files } };
}

/** A browser's cache, in memory. */
function withCaches(refuses = false) {
  const kept = new Map<string, Uint8Array<ArrayBuffer>>();
  const cache = {
    match: async (name: string) => {
      const bytes = kept.get(name);
      return bytes && new Response(bytes);
    },
    put: async (name: string, response: Response) => {
      if (refuses) throw new DOMException('no room', 'QuotaExceededError');
      kept.set(name, await response.bytes());
    },
    delete: async (name: string) => kept.delete(name),
  };
  Object.assign(globalThis, { caches: { open: async () => cache } });
  return kept;
}
afterEach(() => Reflect.deleteProperty(globalThis, 'caches'));

const weights = 'unet/model.safetensors';

describe('FetchedFiles', () => {
  it('fetches each file once, and tells how far it is', async () => {
    const { asked, fetch, remote } = folder();
    const progress: number[] = [];
    const files = new FetchedFiles(remote, {
      fetch,
      onProgress: ({ fetched, total }) => progress.push(fetched / total),
    });
    expect(await files.size(weights)).toBe(100_000);
    expect(asked).toEqual([]);
    await files.readAll();
    expect(await files.readRange(weights, 2, 4)).toEqual(Uint8Array.of(2, 3));
    expect(asked.sort()).toEqual(Object.keys(contents).sort());
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    expect(progress.at(-1)).toBe(1);
    files.forget(weights);
    await files.read(weights);
    expect(asked).toHaveLength(3);
    expect(progress.at(-1)).toBe(1);
  });

  it('keeps them by digest and path where the browser does, whatever their addresses are', async () => {
    const kept = withCaches();
    const first = folder();
    await new FetchedFiles(first.remote, first).readAll();
    expect([...kept.keys()].every(name => name.includes(digest) && !name.includes('token'))).toBe(true);
    const moved = { digest, files: first.remote.files.map(file => ({ ...file, url: 'http://gone/' })) };
    const second = new FetchedFiles(moved, { fetch: () => Promise.reject(new TypeError('offline')) });
    expect(await second.read(weights)).toEqual(contents[weights]);
    const other = new FetchedFiles(
      { ...moved, digest: 'e'.repeat(64) },
      { fetch: () => Promise.reject(new TypeError()), patienceMs: 0 },
    );
    await expect(other.read(weights)).rejects.toMatchObject({ kind: 'connection' });
  });

  it('fetches anew what was kept in another length, and does without a cache that is full', async () => {
    const kept = withCaches();
    const { asked, fetch, remote } = folder();
    await new FetchedFiles(remote, { fetch }).read(weights);
    const [name] = kept.keys();
    kept.set(name!, new Uint8Array(5));
    expect(await new FetchedFiles(remote, { fetch }).read(weights)).toEqual(contents[weights]);
    expect(asked).toHaveLength(2);
    withCaches(true);
    expect(await new FetchedFiles(remote, { fetch }).read(weights)).toEqual(contents[weights]);
  });

  it.each<[string, Parameters<typeof folder>]>([
    ['goes on', [{ [weights]: 99_999 }, () => null]],
    ['ends early', [{ [weights]: 100_001 }, () => null]],
  ])('refuses a file that %s', async (_, given) => {
    const { fetch, remote } = folder(...given);
    await expect(new FetchedFiles(remote, { fetch }).read(weights)).rejects.toMatchObject({ kind: 'protocol' });
  });

  it('does not take what is said of a compressed answer for the length of the file', async () => {
    const { fetch, remote } = folder({}, real => Math.floor(real / 3));
    const files = new FetchedFiles(remote, { fetch });
    await files.readAll();
    expect(await files.read(weights)).toEqual(contents[weights]);
  });

  it('reads again what was forgotten, long after the signal that it was opened with', async () => {
    const { fetch, remote } = folder();
    const opening = new AbortController();
    const files = new FetchedFiles({ ...remote, digest: null }, { fetch, signal: opening.signal });
    await files.readAll();
    opening.abort(new Error('too late'));
    files.forget(weights);
    expect(await files.read(weights)).toEqual(contents[weights]);
  });

  it('takes what comes where nobody has said how long it is', async () => {
    const { fetch, remote } = folder({ [weights]: null }, () => null);
    const files = new FetchedFiles(remote, { fetch });
    expect(await files.size(weights)).toBe(100_000);
    expect(await files.sha256('unet/config.json')).toMatch(/^44136fa355b3678a/);
  });

  it('tries again when the way to the server fails, or no backend is there yet', async () => {
    const { fetch, remote } = folder();
    let left = 2;
    const flaky: typeof fetch = async (input, init) => {
      if (left === 0) return fetch(input, init);
      if (left-- === 2) throw new TypeError('connection reset');
      return new Response(null, { status: 503 });
    };
    expect(await new FetchedFiles(remote, { fetch: flaky }).read(weights)).toEqual(contents[weights]);
    expect(left).toBe(0);
  });

  it('tells what failed, and what was stopped', async () => {
    const { fetch } = folder();
    const at = (path: string) => ({ digest, files: [{ path: 'a', url: `http://x/${path}`, bytes: null }] });
    await expect(new FetchedFiles(at('gone'), { fetch }).read('a')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(new FetchedFiles(at('broken'), { fetch }).read('a')).rejects.toMatchObject({ status: 500 });
    await expect((async () => new FetchedFiles(at('x'), { fetch }).read('b'))()).rejects.toThrow('There is no b');
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(new FetchedFiles(at('gone'), { fetch, signal }).readAll()).rejects.toThrow('enough');
  });
});
