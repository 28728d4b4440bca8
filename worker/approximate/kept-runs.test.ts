import { expect, it, vi } from 'vitest';
import type { Tensor } from '../../models/runtime.ts';
import type { Job } from '../generations/job.ts';
import { KeptRuns } from './kept-runs.ts';
import type { NewSource } from './source-store.ts';

const job = {
  checkpointDigest: 'c'.repeat(64),
  scheduler: { _class_name: 'DDIMScheduler' },
  report: { modelTokenIds: [[1]] },
  negativeTokenIds: [[0]],
  sizeConditioning: false,
  parameters: {
    ...{ steps: 4, eta: 0, start: null, seed: 2 ** 32 + 6, count: 2 },
    ...{ guidanceScale: 3, guidanceRescale: 0, clipSkip: null, width: 8, height: 8 },
  },
} as unknown as Job;
const tensor: Tensor = { data: Float32Array.of(1), dims: [1, 1, 1, 1] };
const made = new Map([
  ['at_1', tensor],
  ['at_1_output_0', tensor],
  ['latent', tensor],
]);
const find = async () => ({ prompt: Float32Array.of(1), embedding: Float32Array.of(1, 2) });

function runs(room: number, keep: (source: NewSource) => Promise<void>) {
  return new KeptRuns({ sources: { keep, read: async () => null }, vectors: { find }, room });
}

it('keeps what was handed out, by the noise that the image began with', async () => {
  const keep = vi.fn(async (_: NewSource) => {});
  await runs(1, keep).keep(job, 1, 'k', made);
  expect(keep.mock.calls[0]![0]).toMatchObject({
    key: 'k',
    scope: expect.stringMatching(/^[0-9a-f]{64}$/),
    seed: 7,
    text: { space: 'EMBEDDING', collection: { shape: [2], of: 'TEXTS' } },
    tensors: { at_1: tensor, at_1_output_0: tensor },
  });
  expect(Object.keys(keep.mock.calls[0]![0].tensors)).toEqual(['at_1', 'at_1_output_0']);
  await runs(1, keep).keep(job, 1, 'k', new Map([['latent', tensor]]));
  expect(keep).toHaveBeenCalledOnce();
});

it('asks for nothing where there is no room', () => {
  expect(runs(1, async () => {}).stepsOf(job)).toEqual([1, 2]);
  expect(runs(0, async () => {}).stepsOf(job)).toEqual([]);
});

it('fails nobody whose steps cannot be kept', async () => {
  const error = vi.spyOn(console, 'error').mockImplementation(() => {});
  await runs(1, () => Promise.reject(new Error('R2 is away'))).keep(job, 0, 'k', made);
  expect(error).toHaveBeenCalledOnce();
  error.mockRestore();
});

it('has nothing to go on from where it cannot be read: that is no reason to fail', async () => {
  const error = vi.spyOn(console, 'error').mockImplementation(() => {});
  const read = vi.fn(async () => Promise.reject(new Error('R2 is away')));
  const runs = new KeptRuns({ sources: { keep: vi.fn(), read }, vectors: { find: vi.fn() }, room: 1 });
  expect(await runs.read({ latentKey: 'k', step: 4, similarity: 0.9 })).toBeNull();
  expect(read).toHaveBeenCalledWith('k', 4);
  expect(error).toHaveBeenCalledOnce();
  error.mockRestore();
});
