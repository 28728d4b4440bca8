/** A whole file, fetched into memory that is taken once. */
import { ConnectionError, ProtocolError, RequestError } from '../errors.ts';

export interface FetchBytesOptions {
  readonly fetch: typeof fetch;
  /** What it was promised to take; null: whatever the server says. */
  readonly bytes: number | null;
  /** Called with the length of every piece. */
  readonly onPiece: (bytes: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * @throws ConnectionError where it is not reached or breaks off; RequestError NOT_FOUND; ProtocolError when it is not as long
 *   as promised, which is seen before memory is taken for it where the server says its length
 */
export async function fetchBytes(url: string, options: FetchBytesOptions): Promise<Uint8Array<ArrayBuffer>> {
  const { onPiece, signal } = options;
  const place = url.replace(/[?#].*$/, '');
  try {
    const response = await options.fetch(url, { ...(signal && { signal }) });
    if (response.status === 404) throw new RequestError('NOT_FOUND', `There is nothing at ${place}`);
    if (!response.ok) throw new ProtocolError(`${place} answered ${response.status}`, response.status);
    const expected = options.bytes ?? lengthOf(response);
    if (expected === null || !response.body) return new Uint8Array(await response.arrayBuffer());
    const wrong = (found: number) => new ProtocolError(`${place} has ${found} bytes, not ${expected}`, response.status);
    const said = lengthOf(response);
    // A length that is said of a compressed answer is not the file's.
    if (said !== null && said !== expected && !response.headers.has('content-encoding')) throw wrong(said);
    const whole = new Uint8Array(expected);
    let filled = 0;
    for await (const piece of response.body as unknown as AsyncIterable<Uint8Array>) {
      if (filled + piece.byteLength > expected) throw wrong(filled + piece.byteLength);
      whole.set(piece, filled);
      filled += piece.byteLength;
      onPiece(piece.byteLength);
    }
    if (filled !== expected) throw wrong(filled);
    return whole;
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    if (error instanceof ProtocolError || error instanceof RequestError) throw error;
    throw new ConnectionError(`${place} was not reached`, { cause: error });
  }
}

function lengthOf({ headers }: Response): number | null {
  const length = headers.get('content-length');
  return length === null || !/^\d+$/.test(length) ? null : Number(length);
}
