/**
 * How messages travel between worker and backend. A message is
 *
 *     u32 LE  bytes of JSON
 *     u32 LE  bytes of safetensors, 0 where there are no tensors
 *     JSON    UTF-8
 *     safetensors
 *
 * A request body is one message (the plan and its inputs); a response is a stream of them (frames).
 */
import { readSafetensors, SafetensorsError, writeSafetensors } from '../models/checkpoint/safetensors.ts';
import type { Tensor } from '../models/runtime.ts';

/** JSON and the tensors that came with it. `J` is what the sender says it is: check it. */
export interface Message<J = unknown> {
  readonly json: J;
  readonly tensors: ReadonlyMap<string, Tensor>;
}

/** The most bytes a message may announce. Checked before anything is allocated for it. */
export interface MessageLimits {
  readonly jsonBytes: number;
  readonly tensorBytes: number;
}

/** What a reader of frames allows: 64 MiB is a `[8, 1024, 1024, 3]` picture twice over. */
export const frameLimits: MessageLimits = { jsonBytes: 64 * 1024, tensorBytes: 64 * 1024 * 1024 };

/** Bytes of the two lengths before every message. */
export const prefixBytes = 8;

/** Bytes that are not a message, or more of them than allowed. The message says what was expected. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
  /** Whether a limit was passed, rather than the format broken. */
  readonly tooLarge: boolean;
  constructor(message: string, tooLarge = false) {
    super(message);
    this.tooLarge = tooLarge;
  }
}

/**
 * The bytes of one message.
 *
 * @example
 * const body = encodeMessage(plan, { latent: { data: new Float32Array(2048), dims: [1, 8, 16, 16] } });
 */
export function encodeMessage(json: unknown, tensors: Readonly<Record<string, Tensor>> = {}): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(JSON.stringify(json));
  const body = Object.keys(tensors).length > 0 ? writeSafetensors(tensors) : new Uint8Array(0);
  const message = new Uint8Array(prefixBytes + text.byteLength + body.byteLength);
  const view = new DataView(message.buffer);
  view.setUint32(0, text.byteLength, true);
  view.setUint32(4, body.byteLength, true);
  message.set(text, prefixBytes);
  message.set(body, prefixBytes + text.byteLength);
  return message;
}

/**
 * Reads a body that is exactly one message.
 * @throws FrameError when it is not, or announces more than `limits` allow
 */
export function decodeMessage(bytes: Uint8Array, limits: MessageLimits): Message {
  const { jsonBytes, tensorBytes } = readPrefix(bytes, limits);
  if (prefixBytes + jsonBytes + tensorBytes !== bytes.byteLength) {
    throw new FrameError(
      `the message announces ${jsonBytes} bytes of JSON and ${tensorBytes} of tensors, but ${bytes.byteLength - prefixBytes} follow`,
    );
  }
  return decodeParts(bytes.subarray(prefixBytes), jsonBytes);
}

/**
 * Reads messages as their bytes arrive, in chunks of any size. Ending the iteration early cancels the source.
 * @throws FrameError on bytes that are no message, on one beyond `limits`, and on a stream that ends inside one
 */
export async function* decodeMessages(
  source: AsyncIterable<Uint8Array>,
  limits: MessageLimits = frameLimits,
): AsyncGenerator<Message> {
  const reader = new ByteReader(source);
  try {
    for (;;) {
      const prefix = await reader.read(prefixBytes);
      if (prefix === null) return;
      const { jsonBytes, tensorBytes } = readPrefix(prefix, limits);
      const body = await reader.read(jsonBytes + tensorBytes);
      if (body === null) throw new FrameError('the stream ended inside a message');
      yield decodeParts(body, jsonBytes);
    }
  } finally {
    await reader.cancel();
  }
}

function readPrefix(bytes: Uint8Array, limits: MessageLimits): MessageLimits {
  if (bytes.byteLength < prefixBytes) throw new FrameError(`a message has at least ${prefixBytes} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, prefixBytes);
  const jsonBytes = view.getUint32(0, true);
  const tensorBytes = view.getUint32(4, true);
  if (jsonBytes < 2) throw new FrameError('a message holds JSON');
  if (jsonBytes > limits.jsonBytes) {
    throw new FrameError(`${jsonBytes} bytes of JSON, at most ${limits.jsonBytes} are read`, true);
  }
  if (tensorBytes > limits.tensorBytes) {
    throw new FrameError(`${tensorBytes} bytes of tensors, at most ${limits.tensorBytes} are read`, true);
  }
  return { jsonBytes, tensorBytes };
}

function decodeParts(body: Uint8Array, jsonBytes: number): Message {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(body.subarray(0, jsonBytes)));
  } catch {
    throw new FrameError('the JSON of the message cannot be read');
  }
  if (jsonBytes === body.byteLength) return { json, tensors: new Map() };
  try {
    return { json, tensors: readSafetensors(body.subarray(jsonBytes)) };
  } catch (error) {
    if (error instanceof SafetensorsError) throw new FrameError(`tensors: ${error.message}`);
    throw error;
  }
}

/** Exactly so many bytes from chunks of any size. */
class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #chunk = new Uint8Array(0);
  #ended = false;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#chunks = source[Symbol.asyncIterator]();
  }

  /** `length` bytes, or null when the stream ended before the first. @throws FrameError when it ended in between */
  async read(length: number): Promise<Uint8Array | null> {
    const bytes = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      if (this.#chunk.byteLength === 0) {
        const next = await this.#chunks.next();
        if (next.done) {
          this.#ended = true;
          if (filled === 0) return null;
          throw new FrameError('the stream ended inside a message');
        }
        this.#chunk = next.value as Uint8Array<ArrayBuffer>;
        continue;
      }
      const part = this.#chunk.subarray(0, length - filled);
      bytes.set(part, filled);
      filled += part.byteLength;
      this.#chunk = this.#chunk.subarray(part.byteLength);
    }
    return bytes;
  }

  async cancel(): Promise<void> {
    if (!this.#ended) await this.#chunks.return?.();
  }
}
