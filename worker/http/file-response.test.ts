import { describe, expect, it } from 'vitest';
import { fileResponse, hasIt } from './file-response.ts';

const file = {
  type: 'image/png',
  tag: 'abc',
  fileName: 'a.png',
  read: async () => Uint8Array.of(1, 2, 3),
};
const answer = (init: RequestInit = {}) => fileResponse(new Request('http://x/', init), file);

describe('fileResponse', () => {
  it('sends the file, to be kept for good by its reader alone', async () => {
    const response = await answer();
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(Uint8Array.of(1, 2, 3));
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'image/png',
      'content-length': '3',
      etag: '"abc"',
      'cache-control': 'private, max-age=31536000, immutable',
    });
  });

  it('sends headers alone to HEAD', async () => {
    const response = await answer({ method: 'HEAD' });
    expect(response.headers.get('content-length')).toBe('3');
    expect(response.body).toBeNull();
  });

  it('passes a stream on as it is, and does not open it for HEAD', async () => {
    let opened = 0;
    const streamed = {
      ...file,
      bytes: 3,
      read: async () => {
        opened++;
        return new Blob([Uint8Array.of(1, 2, 3)]).stream();
      },
    };
    const head = await fileResponse(new Request('http://x/', { method: 'HEAD' }), streamed);
    expect([head.headers.get('content-length'), opened]).toEqual(['3', 0]);
    const response = await fileResponse(new Request('http://x/'), streamed);
    expect(await response.bytes()).toEqual(Uint8Array.of(1, 2, 3));
    expect(response.headers.get('content-length')).toBe('3');
  });

  it('does not read what the caller has', async () => {
    const headers = { 'if-none-match': '"abc"' };
    const response = await fileResponse(new Request('http://x/', { headers }), {
      ...file,
      read: (): Promise<Uint8Array<ArrayBuffer>> => Promise.reject(new Error('read')),
    });
    expect(response.status).toBe(304);
    expect(response.headers.get('etag')).toBe('"abc"');
  });
});

describe('hasIt', () => {
  it.each([
    [null, false],
    ['"abc"', true],
    ['W/"abc"', true],
    ['"x", "abc"', true],
    ['*', true],
    ['"abcd"', false],
    ['abc', false],
  ])('%s: %s', (header, expected) => {
    expect(hasIt(header, 'abc')).toBe(expected);
  });
});
