/** A whole file, fetched into memory that is taken once where its length is known. */
import { ConnectionError, ProtocolError, RequestError } from '../errors.ts';
import { within } from '../within.ts';

export interface FetchBytesOptions {
  readonly fetch: typeof fetch;
  /** What it was promised to take; null: nobody has said. */
  readonly bytes: number | null;
  /** Called with the length of every piece. */
  readonly onPiece: (bytes: number) => void;
  readonly signal?: AbortSignal | undefined;
  /** How long nothing may come, in milliseconds, before the connection counts as dead. Default: half a minute. */
  readonly silenceMs?: number;
}

/** No more is read of a file of which nobody has said how long it is. */
const mostUnpromised = 256 * 1024 * 1024;

/**
 * What is said of an answer's length says nothing here: it may be that of a compressed one.
 * @throws ConnectionError where it is not reached or breaks off; RequestError NOT_FOUND; ProtocolError when it is not as long
 *   as promised, which is seen before more memory is taken than was promised
 */
export async function fetchBytes(url: string, options: FetchBytesOptions): Promise<Uint8Array<ArrayBuffer>> {
  const { signal, bytes, onPiece, silenceMs = 30_000 } = options;
  const place = url.replace(/[?#].*$/, '');
  // Ends the request, whyever nobody wants the rest of it.
  const over = new AbortController();
  const either = signal ? AbortSignal.any([signal, over.signal]) : over.signal;
  try {
    const response = await reached(within(options.fetch(url, { signal: either }), silenceMs, place), place);
    if (response.status === 404) throw new RequestError('NOT_FOUND', `There is nothing at ${place}`);
    if (!response.ok) throw new ProtocolError(`${place} answered ${response.status}`, response.status);
    if (!response.body) throw new ProtocolError(`${place} answered with nothing`, response.status);
    const reader = response.body.getReader();
    const file = bytes === null ? new GrowingFile() : new PromisedFile(bytes);
    for (;;) {
      const { done, value } = await reached(within(reader.read(), silenceMs, place), place);
      if (done) break;
      if (!file.take(value)) throw new ProtocolError(`${place} has more bytes than ${file.most}`, response.status);
      onPiece(value.byteLength);
    }
    const whole = file.whole();
    if (whole) return whole;
    throw new ProtocolError(`${place} has ${file.filled} bytes, not ${bytes}`, response.status);
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw error;
  } finally {
    over.abort();
  }
}

async function reached<T>(attempt: Promise<T>, place: string): Promise<T> {
  try {
    return await attempt;
  } catch (cause) {
    throw new ConnectionError(`${place} was not reached`, { cause });
  }
}

/** Of a length that is known. */
class PromisedFile {
  readonly most: number;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  filled = 0;

  constructor(bytes: number) {
    this.most = bytes;
    this.#bytes = new Uint8Array(bytes);
  }

  /** @returns false where there is no room for it */
  take(piece: Uint8Array): boolean {
    if (this.filled + piece.byteLength > this.most) return false;
    this.#bytes.set(piece, this.filled);
    this.filled += piece.byteLength;
    return true;
  }

  /** Null where some of it is missing. */
  whole(): Uint8Array<ArrayBuffer> | null {
    return this.filled === this.most ? this.#bytes : null;
  }
}

/** As long as it turns out to be. */
class GrowingFile {
  readonly most = mostUnpromised;
  readonly #pieces: Uint8Array[] = [];
  filled = 0;

  take(piece: Uint8Array): boolean {
    if (this.filled + piece.byteLength > this.most) return false;
    this.#pieces.push(piece);
    this.filled += piece.byteLength;
    return true;
  }

  whole(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.filled);
    let at = 0;
    for (const piece of this.#pieces) {
      bytes.set(piece, at);
      at += piece.byteLength;
    }
    return bytes;
  }
}
