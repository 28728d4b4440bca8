/** Bounds on request bodies, by what they claim to be. */
const megabyte = 1_000_000;
export const maxJsonBytes = 8 * megabyte;
export const maxMultipartBytes = 32 * megabyte;

const instead = `send files in a multipart request, which may have ${maxMultipartBytes / megabyte} MB`;

/** A body beyond its limit: 413. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';
  constructor(limit: number) {
    super(
      `The request body is larger than ${limit / megabyte} MB: ${limit < maxMultipartBytes ? instead : 'send less'}`,
    );
  }
}

/** Room for a body whose length nobody has told; it grows by doubling. */
const firstRoom = 65_536;

/**
 * Reads a body that may not be larger than `limit`: refused by its Content-Length before reading, else when the limit
 * is passed.
 * @throws BodyTooLarge
 */
export async function readBounded(request: Request, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  const announced = announcedBytes(request, limit);
  let body = new Uint8Array(announced ?? firstRoom);
  let filled = 0;
  await readPieces(request, limit, piece => {
    const needed = filled + piece.byteLength;
    if (needed > body.byteLength) {
      const larger = new Uint8Array(Math.min(limit, Math.max(needed, 2 * body.byteLength)));
      larger.set(body.subarray(0, filled));
      body = larger;
    }
    body.set(piece, filled);
    filled = needed;
  });
  return body.subarray(0, filled);
}

/** Null where the length is not told. @throws BodyTooLarge */
function announcedBytes(request: Request, limit: number): number | null {
  const header = request.headers.get('content-length');
  if (header === null || !/^\d+$/.test(header)) return null;
  if (Number(header) > limit) throw new BodyTooLarge(limit);
  return Number(header);
}

/** @throws BodyTooLarge */
async function readPieces(request: Request, limit: number, take: (piece: Uint8Array) => void): Promise<void> {
  if (request.body === null) return;
  const reader = request.body.getReader();
  for (let length = 0; ; ) {
    const { done, value } = await reader.read();
    if (done) return;
    length += value.byteLength;
    if (length > limit) {
      // What still comes is for whoever answers to deal with.
      reader.releaseLock();
      throw new BodyTooLarge(limit);
    }
    take(value);
  }
}
