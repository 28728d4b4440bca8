import { describe, expect, it } from 'vitest';
import { BodyTooLarge, readBounded } from './body-limit.ts';

/** A body of so many bytes in pieces, whose length nobody has told. */
function streamed(bytes: number, piece: number): { request: Request; pulled: () => number } {
  let sent = 0;
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (sent >= bytes) return controller.close();
        controller.enqueue(new Uint8Array(Math.min(piece, bytes - sent)).fill(7));
        sent += piece;
      },
    },
    { highWaterMark: 0 },
  );
  const request = new Request('http://x', { method: 'POST', body, duplex: 'half' } as RequestInit);
  return { request, pulled: () => sent };
}

describe('readBounded', () => {
  it('reads a body up to its limit, in whatever pieces it comes', async () => {
    const body = await readBounded(streamed(10, 3).request, 10);
    expect([...body]).toEqual(Array(10).fill(7));
  });

  it('reads one that is longer than the room there was for it, and one that told its length', async () => {
    expect(await readBounded(streamed(200_000, 30_000).request, 1_000_000)).toEqual(new Uint8Array(200_000).fill(7));
    const { request } = streamed(10, 3);
    request.headers.set('content-length', '10');
    const body = await readBounded(request, 1_000_000);
    expect([...body]).toEqual(Array(10).fill(7));
    expect(body.buffer.byteLength).toBe(10);
  });

  it('stops reading at the limit', async () => {
    const { request, pulled } = streamed(1000, 10);
    await expect(readBounded(request, 25)).rejects.toThrow(BodyTooLarge);
    expect(pulled()).toBe(30);
    expect(request.body!.locked).toBe(false);
  });

  it('does not read at all what says that it is too long', async () => {
    const { request, pulled } = streamed(10, 10);
    request.headers.set('content-length', '26');
    await expect(readBounded(request, 25)).rejects.toThrow(BodyTooLarge);
    expect(pulled()).toBe(0);
  });

  it('reads no body as an empty one', async () => {
    expect(await readBounded(new Request('http://x', { method: 'POST' }), 10)).toHaveLength(0);
  });
});
