import { Unzlib } from 'fflate';

/**
 * How much is inflated at once: deflate makes at most 1,032 bytes of one, so that no more than 17 MB ever wait to be read.
 * The platform's DecompressionStream takes whatever it is given and inflates all of it.
 */
const pieceBytes = 16_384;

/** Inflates a zlib stream as far as it is read: a small file cannot fill the memory. */
export class InflatingReader {
  readonly #pieces: Iterator<Uint8Array>;
  readonly #unzlib: Unzlib;
  #inflated: Uint8Array[] = [];

  /** @param parts the stream, in as many parts as it comes */
  constructor(parts: readonly Uint8Array[]) {
    this.#pieces = piecesOf(parts);
    this.#unzlib = new Unzlib(chunk => this.#inflated.push(chunk));
  }

  /**
   * Fills `bytes`.
   * @returns whether there was so much
   * @throws Error where the stream is damaged
   */
  fill(bytes: Uint8Array): boolean {
    for (let filled = 0; filled < bytes.byteLength; ) {
      const [chunk] = this.#inflated;
      if (!chunk) {
        const piece = this.#pieces.next();
        if (piece.done) return false;
        this.#unzlib.push(piece.value);
        continue;
      }
      const part = chunk.subarray(0, bytes.byteLength - filled);
      bytes.set(part, filled);
      filled += part.byteLength;
      if (part.byteLength < chunk.byteLength) this.#inflated[0] = chunk.subarray(part.byteLength);
      else this.#inflated.shift();
    }
    return true;
  }
}

function* piecesOf(parts: readonly Uint8Array[]): Generator<Uint8Array> {
  for (const part of parts) {
    for (let at = 0; at < part.byteLength; at += pieceBytes) yield part.subarray(at, at + pieceBytes);
  }
}
