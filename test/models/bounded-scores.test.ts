/** What bounds the memory of attention changes no number: whole models with and without it, on a real ONNX Runtime. */
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkpointFiles } from '../../gpu-backend/checkpoint-files.ts';
import { createOnnxRuntime } from '../../gpu-backend/onnxruntime-node.ts';
import { autoencoderConfig } from '../../models/autoencoder/config.ts';
import { decoderGraph, encoderGraph } from '../../models/autoencoder/graph.ts';
import { Config } from '../../models/checkpoint/config.ts';
import { type Checkpoint, openCheckpoint } from '../../models/checkpoint/folder.ts';
import { Graph } from '../../models/graph/graph.ts';
import { TorchGenerator } from '../../models/noise.ts';
import type { Tensor } from '../../models/runtime.ts';
import { unetConfig } from '../../models/unet/config.ts';
import { unetGraph } from '../../models/unet/graph.ts';
import { onDisk, tinyConfigs, tinyFolder } from './tiny-checkpoint.ts';

let root: string;
let checkpoint: Checkpoint;
beforeAll(async () => {
  root = await onDisk(tinyFolder());
  checkpoint = await openCheckpoint(checkpointFiles(root));
});
afterAll(() => rm(root, { recursive: true }));

const random = (seed: number, ...dims: number[]) => new TorchGenerator(seed).randn(dims);
const scores = [undefined, 1, 50, 2 ** 24];

async function run(part: string, graph: Graph, inputs: Record<string, Tensor>): Promise<Float32Array> {
  const session = await createOnnxRuntime({ folder: root, threads: 1 }).createSession(graph.encode(), part);
  const [output] = Object.values(await session.run(inputs));
  await session.release();
  return output!.data;
}

/** @param make runs the model with a bound, or without one */
async function expectSame(make: (scoresAtOnce: number | undefined) => Promise<Float32Array>): Promise<void> {
  const [unbounded, ...bounded] = await Promise.all(scores.map(make));
  for (const data of bounded) {
    const worst = data.reduce((most, value, i) => Math.max(most, Math.abs(value - unbounded![i]!)), 0);
    expect(data).toHaveLength(unbounded!.length);
    expect(worst).toBeLessThan(1e-5);
  }
}

test('of the UNet', () =>
  expectSame(scoresAtOnce => {
    const { config, weights } = checkpoint.unet;
    const own = unetConfig(config);
    const levels = own.levels.map(level => ({ ...level, ...(scoresAtOnce !== undefined && { scoresAtOnce }) }));
    return run('unet', unetGraph({ ...own, levels }, Graph.over('unet', weights)), {
      sample: random(1, 2, 3, 5, 7),
      timestep: { data: Float32Array.of(10, 500), dims: [2] },
      encoder_hidden_states: random(2, 2, 5, 8),
    });
  }));

test.each([
  ['encoder', encoderGraph, 'image', [2, 3, 14, 10]],
  ['decoder', decoderGraph, 'latent', [2, 3, 7, 5]],
] as const)('of the image %s', (_, build, input, dims) =>
  expectSame(scoresAtOnce => {
    const { config, weights } = checkpoint.vae;
    const { scoresAtOnce: _own, ...own } = autoencoderConfig(config);
    const graph = build({ ...own, ...(scoresAtOnce !== undefined && { scoresAtOnce }) }, Graph.over('vae', weights));
    return run('vae', graph, { [input]: random(3, ...dims) });
  }),
);

test('models are bounded whose pictures can be large, and no others', () => {
  const unet = (change: object) => {
    const { config } = checkpoint.unet;
    return unetConfig(new Config(config.file, { ...tinyConfigs.unet, ...change }));
  };
  expect(unet({ sample_size: 16 }).levels.map(({ scoresAtOnce }) => scoresAtOnce)).toEqual([undefined, undefined]);
  expect(unet({ sample_size: 64 }).levels[1]!.scoresAtOnce).toBe(2 ** 24);
});
