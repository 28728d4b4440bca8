/** Every layer on a real ONNX Runtime, against what its definition says, number by number. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createOnnxRuntime } from '../../gpu-backend/onnxruntime-node.ts';
import { headerLength, parseHeader, writeSafetensors } from '../../models/checkpoint/safetensors.ts';
import { Weights } from '../../models/checkpoint/weights.ts';
import { attention } from '../../models/graph/attention.ts';
import { type FeatureMap, Graph, type Tokens } from '../../models/graph/graph.ts';
import {
  conv2d,
  geglu,
  gelu,
  groupNorm,
  layerNorm,
  linear,
  pixelsToTokens,
  quickGelu,
  silu,
  tokensToPixels,
  upsampleNearest,
  upsampleNearestTo,
} from '../../models/graph/layers.ts';
import { TorchGenerator } from '../../models/noise.ts';
import type { FloatTensor } from '../../models/runtime.ts';

const random = (seed: number, ...dims: number[]): FloatTensor => new TorchGenerator(seed).randn(dims);
const tensors: Record<string, FloatTensor> = {
  'proj.weight': random(1, 8, 4),
  'proj.bias': random(2, 8),
  'norm.weight': random(3, 4),
  'norm.bias': random(4, 4),
  'conv.weight': random(5, 2, 4, 3, 3),
  'conv.bias': random(6, 2),
};
let root: string;
let weights: Weights;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'darkroom-layers-'));
  const file = writeSafetensors(tensors);
  await writeFile(join(root, 'w.safetensors'), file);
  const length = headerLength(file, file.length);
  weights = new Weights('w.safetensors', parseHeader(file.subarray(8, 8 + length), file.length).tensors);
});
afterAll(() => rm(root, { recursive: true }));

type Build = (graph: Graph, x: FeatureMap, tokens: Tokens) => FeatureMap | Tokens;

/** Runs layers over a feature map `[batch, 4, height, width]`, which they may also take as tokens. */
async function run(x: FloatTensor, build: Build): Promise<FloatTensor> {
  const graph = Graph.over('test', weights);
  const map = graph.featureMap('x', 4);
  graph.output('y', build(graph, map, pixelsToTokens(graph, map)), ['…']);
  const session = await createOnnxRuntime({ folder: root, threads: 1 }).createSession(graph.encode(), '.');
  const { y } = await session.run({ x });
  await session.release();
  return y!;
}

const x = random(9, 2, 4, 3, 5);
const pixels = 15;
/** The tokens of `x`: `[batch × pixels][channels]`. */
const rows = Array.from({ length: 2 * pixels }, (_, token) =>
  Array.from({ length: 4 }, (_, c) => x.data[(Math.floor(token / pixels) * 4 + c) * pixels + (token % pixels)]!),
);

function expectClose(actual: FloatTensor, expected: readonly number[]): void {
  expect(actual.data).toHaveLength(expected.length);
  const worst = Math.max(...expected.map((value, i) => Math.abs(value - actual.data[i]!)));
  expect(worst).toBeLessThan(2e-6);
}

const project = (row: readonly number[], out: number) =>
  row.reduce(
    (sum, value, i) => sum + value * tensors['proj.weight']!.data[out * 4 + i]!,
    tensors['proj.bias']!.data[out]!,
  );
const erf = (z: number): number => {
  // Its Taylor series: enough terms for |z| < 6.
  let term = z;
  let sum = z;
  for (let n = 1; n < 200; n++) {
    term *= -(z * z) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
};
const exactGelu = (z: number) => (z * (1 + erf(z / Math.SQRT2))) / 2;
const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));

test('linear', async () => {
  const y = await run(x, (graph, _, tokens) => linear(graph.at('proj'), tokens, 8));
  expect(y.dims).toEqual([30, 8]);
  expectClose(
    y,
    rows.flatMap(row => Array.from({ length: 8 }, (_, out) => project(row, out))),
  );
});

test('geglu: the first half times gelu of the second', async () => {
  const y = await run(x, (graph, _, tokens) => geglu(graph.at('proj'), tokens, 4));
  expectClose(
    y,
    rows.flatMap(row => [0, 1, 2, 3].map(out => project(row, out) * exactGelu(project(row, 4 + out)))),
  );
});

test('silu, gelu, quickGelu', async () => {
  const values = [...x.data];
  expectClose(
    await run(x, (graph, map) => silu(graph, map)),
    values.map(z => z * sigmoid(z)),
  );
  expectClose(await run(x, (graph, map) => gelu(graph, map)), values.map(exactGelu));
  expectClose(
    await run(x, (graph, map) => quickGelu(graph, map)),
    values.map(z => z * sigmoid(1.702 * z)),
  );
});

function normalise(values: readonly number[], epsilon: number): number[] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return values.map(value => (value - mean) / Math.sqrt(variance + epsilon));
}
const scale = (value: number, c: number) => value * tensors['norm.weight']!.data[c]! + tensors['norm.bias']!.data[c]!;

test('layerNorm', async () => {
  const y = await run(x, (graph, _, tokens) => layerNorm(graph.at('norm'), tokens, 0.1));
  expectClose(
    y,
    rows.flatMap(row => normalise(row, 0.1).map(scale)),
  );
});

test('groupNorm', async () => {
  const y = await run(x, (graph, map) => groupNorm(graph.at('norm'), map, 2, 0.1));
  const groups = Array.from({ length: 4 }, (_, g) => [...x.data.slice(g * 2 * pixels, (g + 1) * 2 * pixels)]);
  const expected = groups.flatMap(group => normalise(group, 0.1));
  expectClose(
    y,
    expected.map((value, i) => scale(value, Math.floor(i / pixels) % 4)),
  );
});

test.each([
  { stride: 1, padding: [1, 1, 1, 1], height: 3, width: 5 },
  { stride: 2, padding: [0, 0, 1, 1], height: 1, width: 2 },
] as const)('conv2d with stride $stride', async ({ stride, padding, height, width }) => {
  const y = await run(x, (graph, map) => conv2d(graph.at('conv'), map, 2, { stride, padding }));
  const at = (n: number, c: number, row: number, column: number) =>
    row < 0 || row > 2 || column < 0 || column > 4 ? 0 : x.data[((n * 4 + c) * 3 + row) * 5 + column]!;
  const expected: number[] = [];
  for (let n = 0; n < 2; n++)
    for (let out = 0; out < 2; out++)
      for (let i = 0; i < height; i++)
        for (let j = 0; j < width; j++) {
          let sum = tensors['conv.bias']!.data[out]!;
          for (let k = 0; k < 36; k++) {
            const [c, row, column] = [Math.floor(k / 9), Math.floor((k % 9) / 3), k % 3];
            const value = at(n, c, i * stride + row - padding[0], j * stride + column - padding[1]);
            sum += value * tensors['conv.weight']!.data[out * 36 + k]!;
          }
          expected.push(sum);
        }
  expect(y.dims).toEqual([2, 2, height, width]);
  expectClose(y, expected);
});

test('upsampleNearest doubles every pixel', async () => {
  const y = await run(x, (graph, map) => upsampleNearest(graph, map));
  expect(y.dims).toEqual([2, 4, 6, 10]);
  const source = (i: number) => x.data[Math.floor(i / 60) * 15 + Math.floor((i % 60) / 20) * 5 + ((i % 10) >> 1)]!;
  expectClose(
    y,
    Array.from(y.data, (_, i) => source(i)),
  );
});

test('upsampleNearestTo meets a size that is not double', async () => {
  const y = await run(x, (graph, map) => {
    const small = conv2d(graph.at('conv'), map, 2, { stride: 2, padding: [1, 1, 1, 1] }); // 2 × 3
    return upsampleNearestTo(graph, small, map); //                                           3 × 5
  });
  expect(y.dims).toEqual([2, 2, 3, 5]);
  // Columns 0 0 1 1 2, rows 0 0 1.
  expect(y.data[0]).toBe(y.data[1]);
  expect(y.data[0]).toBe(y.data[5]);
  expect(y.data[2]).toBe(y.data[3]);
  expect(y.data[0]).not.toBe(y.data[2]);
  expect(y.data[4]).not.toBe(y.data[3]);
  expect(y.data[0]).not.toBe(y.data[10]);
});

test('tokens become the pixels they were', async () => {
  const y = await run(x, (graph, map, tokens) => tokensToPixels(graph, tokens, map));
  expect(y).toEqual({ data: x.data, dims: x.dims });
});

test.each([1, 2])('attention with %d heads and a mask', async heads => {
  const mask = new TorchGenerator(5).randn([pixels, pixels]);
  const y = await run(x, (graph, map, tokens) =>
    attention(graph, {
      query: tokens,
      key: tokens,
      value: tokens,
      heads,
      batch: graph.node('Shape', [map.name], { start: 0, end: 1 }),
      mask: graph.floats(mask.data, [pixels, pixels]),
    }),
  );
  const width = 4 / heads;
  const expected = rows.flatMap((query, token) => {
    const first = Math.floor(token / pixels) * pixels;
    return query.map((_, c) => {
      const head = Math.floor(c / width) * width;
      const keys = rows.slice(first, first + pixels);
      const scores = keys.map((key, k) => {
        let dot = 0;
        for (let i = head; i < head + width; i++) dot += query[i]! * key[i]!;
        return Math.exp(dot / Math.sqrt(width) + mask.data[(token % pixels) * pixels + k]!);
      });
      const total = scores.reduce((sum, score) => sum + score, 0);
      return keys.reduce((sum, key, k) => sum + (scores[k]! / total) * key[c]!, 0);
    });
  });
  expectClose(y, expected);
});

test.each([
  [1, 1],
  [1, 60],
  [2, 100],
  [2, 240],
  [4, 2 ** 24],
])('attention with %d heads and a bound of %d scores is the same', async (heads, scoresAtOnce) => {
  const make = (bound: number | undefined) =>
    run(x, (graph, map, tokens) =>
      attention(graph, {
        query: tokens,
        key: tokens,
        value: tokens,
        heads,
        batch: graph.node('Shape', [map.name], { start: 0, end: 1 }),
        scoresAtOnce: bound,
      }),
    );
  expectClose(await make(scoresAtOnce), Array.from((await make(undefined)).data));
});
