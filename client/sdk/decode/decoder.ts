import { readSafetensors } from '../../../models/checkpoint/safetensors.ts';
import type { LatentDecoder } from '../../../models/latent-decoder.ts';
import { ParameterError } from '../../../models/parameter-error.ts';
import type { FloatTensor } from '../../../models/runtime.ts';
import { RequestError } from '../errors.ts';
import { LatentFileDocument } from '../generated.ts';
import { fetchBytes } from '../in-browser/fetch-bytes.ts';
import type { Server } from '../in-browser/folders.ts';
import type { Provider, WebRuntime } from '../in-browser/onnxruntime-web.ts';
import { type Pixels, pixelsOf } from '../in-browser/pixels.ts';

/**
 * A latent: `[channels, height/8, width/8]` or `[1, …] float32`, a `.safetensors` file with one called `latent`, as
 * `Latent.url` has it, or one that the server has.
 */
export type LatentSource = FloatTensor | Uint8Array | ArrayBuffer | { readonly latentKey: string };

export interface DecoderParts {
  /** Null: there is none to ask for latents. */
  readonly server: Server | null;
  /** The checkpoint's; null where that is not known. */
  readonly digest: string | null;
  readonly models: Pick<LatentDecoder, 'decodeToPixels' | 'release'>;
  readonly runtime: Pick<WebRuntime, 'provider'>;
  readonly fetch?: typeof fetch | undefined;
}

/** Makes pictures of latents, here. */
export class Decoder {
  readonly #parts: DecoderParts;

  constructor(parts: DecoderParts) {
    this.#parts = parts;
  }

  /** What it computes on. */
  get provider(): Provider {
    return this.#parts.runtime.provider;
  }

  /**
   * The picture that the server makes of the same latent, but for roundings.
   * @throws RangeError for what is no latent of its checkpoint; DarkroomError where the server is asked for it
   */
  async decode(latent: LatentSource, options: { readonly signal?: AbortSignal } = {}): Promise<Pixels> {
    const { data, dims } = await this.read(latent, options);
    return pixelsOf(await this.#parts.models.decodeToPixels({ data, dims }, options));
  }

  /**
   * A latent's numbers, for whoever wants to change them before they are decoded.
   * @returns `[1, channels, height/8, width/8]`
   * @throws RangeError, DarkroomError
   */
  async read(latent: LatentSource, { signal }: { readonly signal?: AbortSignal } = {}): Promise<FloatTensor> {
    if ('latentKey' in latent) return inFile(await this.#fetch(latent.latentKey, signal));
    if (latent instanceof ArrayBuffer) return inFile(new Uint8Array(latent));
    return latent instanceof Uint8Array ? inFile(latent) : oneRow(latent);
  }

  /** Frees what the model takes in memory; decoding again loads it again. */
  release(): Promise<void> {
    return this.#parts.models.release();
  }

  async #fetch(key: string, signal: AbortSignal | undefined): Promise<Uint8Array> {
    const { server, digest, fetch = (input, init) => globalThis.fetch(input, init) } = this.#parts;
    if (!server) throw new ParameterError('a latent by its key, expected one itself: there is no server to ask');
    const { latent } = await server.graphql(LatentFileDocument, { key }, { signal, repeatable: true });
    if (!latent) throw new RequestError('NOT_FOUND', `The server has no latent ${key}`);
    if (digest !== null && latent.checkpointDigest !== digest) {
      throw new ParameterError(`a latent of checkpoint ${latent.checkpointDigest}, expected one of ${digest}`);
    }
    return fetchBytes(latent.url, { fetch, bytes: null, onPiece: () => {}, signal });
  }
}

function inFile(file: Uint8Array): FloatTensor {
  const latent = readSafetensors(file).get('latent');
  if (!latent || !(latent.data instanceof Float32Array)) throw new ParameterError('a file without a float latent');
  return oneRow(latent as FloatTensor);
}

function oneRow({ data, dims }: FloatTensor): FloatTensor {
  const row = dims.length === 3 ? [1, ...dims] : dims;
  const [rows] = row;
  if (row.length !== 4 || rows !== 1 || row.reduce((product, size) => product * size, 1) !== data.length) {
    throw new ParameterError(`a latent [${dims}] of ${data.length} numbers, expected [channels, height, width]`);
  }
  return { data, dims: row };
}
