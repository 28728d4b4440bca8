/** Bounds on request bodies, by what they claim to be. */
const megabyte = 1_000_000;
export const maxJsonBytes = 8 * megabyte;
export const maxMultipartBytes = 32 * megabyte;

/** A body beyond its limit: 413. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';
  constructor(limit: number) {
    super(`The request body is larger than ${limit / megabyte} MB`);
  }
}

/**
 * Reads a body that may not be larger than `limit`: refused by its Content-Length before reading, else when the limit
 * is passed.
 * @throws BodyTooLarge
 */
export async function readBounded(request: Request, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  const announced = Number(request.headers.get('content-length') ?? 0);
  if (announced > limit) throw new BodyTooLarge(limit);
  if (request.body === null) return new Uint8Array(0);
  const reader = request.body.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.byteLength;
    if (length > limit) {
      // What still comes is for whoever answers to deal with.
      reader.releaseLock();
      throw new BodyTooLarge(limit);
    }
    chunks.push(value);
  }
  const body = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    body.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return body;
}
