import type { FloatTensor, Tensor } from '../../models/runtime.ts';
import type { Pixels } from '../../schema/context.ts';
import { BackendUnreachable } from '../../wire/backend-error.ts';
import type { CheckpointCard } from '../../wire/card.ts';
import type { StagePlan } from '../../wire/plan.ts';
import type { BackendPool } from '../backends/pool.ts';
import { runNow } from '../backends/run-now.ts';
import type { MadeVectors } from './spaces.ts';
import type { TokenIds } from './text-vectors.ts';

/** What a backend must be asked for. Nothing is denoised. Everything here throws RetryLater where none answers. */
export class VectorMaker {
  readonly #pool: Pick<BackendPool, 'choose'>;

  constructor(pool: Pick<BackendPool, 'choose'>) {
    this.#pool = pool;
  }

  async ofText(card: CheckpointCard, tokenIds: TokenIds): Promise<MadeVectors> {
    const encode = { stage: 'TEXT_ENCODE', tokenIds, negativeTokenIds: null, clipSkip: null } as const;
    const embed: StagePlan[] = card.embedder ? [{ stage: 'EMBED', texts: [tokenIds] }] : [];
    const names = ['pooled_prompt_embeds', ...embed.map(() => 'text_embedding')];
    const made = await this.#run(card, [encode, ...embed], names, {});
    return { prompt: made[0]!.data, embedding: made[1]?.data ?? null };
  }

  /** Up to 256 texts in the space that they share with images, of a checkpoint that has an embedder. */
  async embeddingsOfTexts(card: CheckpointCard, texts: readonly TokenIds[]): Promise<Float32Array[]> {
    const [made] = await this.#run(card, [{ stage: 'EMBED', texts }], ['text_embedding'], {});
    const { data, dims } = made!;
    const [, size = 0] = dims;
    return texts.map((_, i) => data.slice(i * size, (i + 1) * size));
  }

  /** @param latent `[channels, height, width] float32`, of a checkpoint that has an embedder */
  async embedding(card: CheckpointCard, { data, dims }: FloatTensor): Promise<Float32Array> {
    const latent = { data, dims: [1, ...dims] };
    const [made] = await this.#run(card, [{ stage: 'EMBED', texts: [] }], ['embedding'], { latent });
    return made!.data;
  }

  /** The likeliest latent of a picture, `[channels, height, width] float32`. */
  async latent(card: CheckpointCard, { data, width, height }: Pixels): Promise<FloatTensor> {
    const image = { data, dims: [1, height, width, 3] };
    const [made] = await this.#run(card, [{ stage: 'IMAGE_ENCODE' }], ['encoded'], { image });
    return { data: made!.data, dims: made!.dims.slice(1) };
  }

  async #run(
    card: CheckpointCard,
    stages: readonly StagePlan[],
    returns: readonly string[],
    tensors: Readonly<Record<string, Tensor>>,
  ): Promise<FloatTensor[]> {
    const made = await runNow(this.#pool, { version: 1, checkpoint: card.digest, stages, returns }, tensors);
    return returns.map(name => {
      const { data, dims } = made.get(name)!;
      if (!(data instanceof Float32Array)) throw new BackendUnreachable(`the backend’s ${name} is not float32`);
      return { data, dims };
    });
  }
}
