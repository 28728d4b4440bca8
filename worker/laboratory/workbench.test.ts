import { expect, it } from 'vitest';
import type { Tensor } from '../../models/runtime.ts';
import { testCard } from '../../schema/testing/services.ts';
import { BackendError } from '../../wire/backend-error.ts';
import type { BackendClient } from '../../wire/client.ts';
import type { Plan } from '../../wire/plan.ts';
import type { ReadyBackend } from '../backends/pool.ts';
import { type MadeLatent, Workbench } from './workbench.ts';

const asked: Plan[] = [];
let failure: Error | null = null;

/** A backend whose tensors say for which picture of a batch they are. */
const run: BackendClient['run'] = async function* (plan, sent = {}) {
  asked.push(plan);
  if (failure) throw failure;
  const count = sent.latent?.dims[0] ?? 1;
  const rows = (...dims: number[]) => {
    const size = dims.reduce((a, b) => a * b);
    return {
      data: Float32Array.from({ length: count * size }, (_, i) => Math.floor(i / size)),
      dims: [count, ...dims],
    };
  };
  const { data, dims } = rows(2, 2, 3);
  const tensors = new Map<string, Tensor>([
    ['encoded', rows(8, 1, 1)],
    ['pixels', { data: Uint8Array.from(data), dims }],
    ['embedding', rows(5)],
    ['score', { data: Float32Array.of(0.5), dims: [1] }],
  ]);
  yield {
    header: { kind: 'result', stage: 'DECODE', ms: 1 },
    tensors: new Map(plan.returns.map(name => [name, tensors.get(name)!])),
  };
};
const bench = new Workbench({ choose: async () => ({ client: { run } }) as unknown as ReadyBackend });
const embedding = { ...testCard, embedder: true };
const pixels = { data: new Uint8Array(12), width: 2, height: 2 };
const stages = () => asked.at(-1)!.stages.map(({ stage }) => stage);

it('encodes, decodes and embeds in one go, as far as it is wanted and can be', async () => {
  const [made] = (await bench.encode(embedding, [pixels], true)) as [MadeLatent];
  expect(stages()).toEqual(['IMAGE_ENCODE', 'DECODE', 'EMBED']);
  expect(made.latent.dims).toEqual([8, 1, 1]);
  expect(made.pixels).toMatchObject({ width: 2, height: 2 });
  expect(made.embedding).toHaveLength(5);
  expect(await bench.encode(testCard, [pixels], false)).toMatchObject([{ pixels: null, embedding: null }]);
  expect(stages()).toEqual(['IMAGE_ENCODE']);
});

it('decodes several at once, each for itself', async () => {
  const latent = { data: new Float32Array(8), dims: [8, 1, 1] };
  const made = await bench.decode(embedding, [latent, latent, latent]);
  expect(made.map(each => [each.pixels!.data[0], each.pixels!.data.length, each.embedding![0]])).toEqual([
    [0, 12, 0],
    [1, 12, 1],
    [2, 12, 2],
  ]);
});

it('asks the discriminator for one number', async () => {
  expect(await bench.score(testCard, pixels)).toBe(0.5);
  expect(stages()).toEqual(['SCORE']);
});

it('says in the caller’s words that a model has failed, and leaves other errors to whoever knows them', async () => {
  failure = new BackendError({ code: 'model_failed', message: 'NaN in the image decoder', retryable: false });
  await expect(bench.score(testCard, pixels)).rejects.toMatchObject({ name: 'RequestError', code: 'MODEL_FAILED' });
  failure = new BackendError({ code: 'plan_invalid', message: 'nonsense', retryable: false });
  await expect(bench.score(testCard, pixels)).rejects.toBe(failure);
});
