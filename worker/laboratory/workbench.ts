/** Short work on pictures and latents that a backend does for somebody who waits. Nothing is denoised. */
import type { FloatTensor, Tensor } from '../../models/runtime.ts';
import type { Pixels } from '../../schema/context.ts';
import { RequestError } from '../../schema/errors.ts';
import { BackendError, BackendUnreachable } from '../../wire/backend-error.ts';
import type { CheckpointCard } from '../../wire/card.ts';
import type { StagePlan } from '../../wire/plan.ts';
import type { BackendPool } from '../backends/pool.ts';
import { runNow } from '../backends/run-now.ts';

/** A latent, and what was made along with it. */
export interface MadeLatent {
  /** `[channels, height, width] float32` */
  readonly latent: FloatTensor;
  /** Null where it was not asked for. */
  readonly pixels: Pixels | null;
  /** Null where the checkpoint has no embedder. */
  readonly embedding: Float32Array | null;
}

/** Everything here throws RetryLater where no backend does it now, and RequestError MODEL_FAILED where none can. */
export class Workbench {
  readonly #pool: Pick<BackendPool, 'choose'>;

  constructor(pool: Pick<BackendPool, 'choose'>) {
    this.#pool = pool;
  }

  /** The likeliest latents of pictures of one size; with `decodes`, decoded again. */
  async encode(card: CheckpointCard, pictures: readonly Pixels[], decodes: boolean): Promise<MadeLatent[]> {
    const [{ width, height }] = pictures as [Pixels];
    const size = width * height * 3;
    const batch = new Uint8Array(pictures.length * size);
    for (const [i, { data }] of pictures.entries()) batch.set(data, i * size);
    const image = { data: batch, dims: [pictures.length, height, width, 3] };
    const stages: StagePlan[] = [{ stage: 'IMAGE_ENCODE' }, ...(decodes ? [{ stage: 'DECODE' } as const] : [])];
    const made = await this.#run(card, stages, ['encoded', ...(decodes ? ['pixels'] : [])], { image });
    const { data, dims } = floats(made, 'encoded');
    const latentSize = data.length / pictures.length;
    const decoded = decodes ? picturesOf(made) : [];
    const embeddings = embeddingsOf(made);
    return pictures.map((_, i) => {
      const latent = { data: data.slice(i * latentSize, (i + 1) * latentSize), dims: dims.slice(1) };
      return { latent, pixels: decoded[i] ?? null, embedding: embeddings[i] ?? null };
    });
  }

  /** Latents of one shape, all at once. */
  async decode(card: CheckpointCard, latents: readonly FloatTensor[]): Promise<MadeLatent[]> {
    const [first] = latents as [FloatTensor];
    const size = first.data.length;
    const batch = new Float32Array(latents.length * size);
    for (const [i, { data }] of latents.entries()) batch.set(data, i * size);
    const latent = { data: batch, dims: [latents.length, ...first.dims] };
    const made = await this.#run(card, [{ stage: 'DECODE' }], ['pixels'], { latent });
    const pictures = picturesOf(made);
    const embeddings = embeddingsOf(made);
    return latents.map((each, i) => ({ latent: each, pixels: pictures[i]!, embedding: embeddings[i] ?? null }));
  }

  /** What the discriminator says of a picture, 0 to 1. */
  async score(card: CheckpointCard, { data, width, height }: Pixels): Promise<number> {
    const pixels = { data, dims: [1, height, width, 3] };
    const made = await this.#plan(card, [{ stage: 'SCORE' }], ['score'], { pixels });
    return floats(made, 'score').data[0]!;
  }

  /** With an embedding, where there can be one: what is kept is found by what it shows. */
  #run(
    card: CheckpointCard,
    stages: readonly StagePlan[],
    returns: readonly string[],
    tensors: Readonly<Record<string, Tensor>>,
  ): Promise<ReadonlyMap<string, Tensor>> {
    if (!card.embedder) return this.#plan(card, stages, returns, tensors);
    return this.#plan(card, [...stages, { stage: 'EMBED', texts: [] }], [...returns, 'embedding'], tensors);
  }

  async #plan(
    card: CheckpointCard,
    stages: readonly StagePlan[],
    returns: readonly string[],
    tensors: Readonly<Record<string, Tensor>>,
  ): Promise<ReadonlyMap<string, Tensor>> {
    try {
      return await runNow(this.#pool, { version: 1, checkpoint: card.digest, stages, returns }, tensors);
    } catch (error) {
      if (error instanceof BackendError && error.code === 'model_failed') {
        throw new RequestError('MODEL_FAILED', error.message);
      }
      throw error;
    }
  }
}

function floats(made: ReadonlyMap<string, Tensor>, name: string): FloatTensor {
  const { data, dims } = made.get(name)!;
  if (!(data instanceof Float32Array)) throw new BackendUnreachable(`the backend’s ${name} is not float32`);
  return { data, dims };
}

function picturesOf(made: ReadonlyMap<string, Tensor>): Pixels[] {
  const { data, dims } = made.get('pixels')!;
  const [count = 0, height = 0, width = 0] = dims;
  if (!(data instanceof Uint8Array)) throw new BackendUnreachable('the backend’s pixels are not uint8');
  const size = data.length / count;
  return Array.from({ length: count }, (_, i) => ({ data: data.slice(i * size, (i + 1) * size), width, height }));
}

function embeddingsOf(made: ReadonlyMap<string, Tensor>): Float32Array[] {
  if (!made.has('embedding')) return [];
  const { data, dims } = floats(made, 'embedding');
  const [count = 0, size = 0] = dims;
  return Array.from({ length: count }, (_, i) => data.slice(i * size, (i + 1) * size));
}
