import { InferenceSession } from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { encodeModel } from '../models/graph/onnx.ts';
import { createOnnxRuntime, type ExecutionProvider } from './onnxruntime-node.ts';

const port = (name: string) => ({ name, type: 'FLOAT', dims: ['n'] }) as const;
const negate = encodeModel({
  name: 'negate',
  nodes: [{ operator: 'Neg', inputs: ['x'], outputs: ['y'], attributes: {} }],
  inputs: [port('x')],
  outputs: [port('y')],
  constants: [],
  externals: [],
});

/** A machine that has only some of the providers. */
function machine(...has: ExecutionProvider[]) {
  const tried: string[] = [];
  const create = (async (model: Uint8Array, options: InferenceSession.SessionOptions) => {
    const provider = String(options.executionProviders?.[0]);
    tried.push(provider);
    if (!has.includes(provider as ExecutionProvider)) throw new Error(`no ${provider} here`);
    return InferenceSession.create(model, { ...options, executionProviders: ['cpu'] });
  }) as typeof InferenceSession.create;
  return { tried, create };
}

test('runs a graph', async () => {
  const session = await createOnnxRuntime({ folder: '.' }).createSession(negate, '.');
  const { y } = await session.run({ x: { data: Float32Array.of(1, -2), dims: [2] } });
  expect(y).toEqual({ data: Float32Array.of(-1, 2), dims: [2] });
  await session.release();
});

test('falls through to the first provider that works, says why, and keeps to it', async () => {
  const { tried, create } = machine('cpu');
  const fallbacks: string[] = [];
  const runtime = createOnnxRuntime({
    folder: '.',
    providers: ['cuda', 'webgpu', 'cpu'],
    create,
    onFallback: (provider, reason) => fallbacks.push(`${provider}: ${reason}`),
  });
  expect(runtime.executionProvider).toBeNull();
  await runtime.createSession(negate, '.');
  await runtime.createSession(negate, '.');
  expect(fallbacks).toEqual(['cuda: no cuda here', 'webgpu: no webgpu here']);
  expect(tried).toEqual(['cuda', 'webgpu', 'cpu', 'cpu']);
  expect(runtime.executionProvider).toBe('cpu');
});

test('has a provider left after sessions that were created side by side', async () => {
  const { tried, create } = machine('cpu');
  const runtime = createOnnxRuntime({ folder: '.', providers: ['cuda', 'cpu'], create });
  await Promise.all([runtime.createSession(negate, '.'), runtime.createSession(negate, '.')]);
  await runtime.createSession(negate, '.');
  expect(tried).toEqual(['cuda', 'cuda', 'cpu', 'cpu', 'cpu']);
});

test('takes the first provider where it works', async () => {
  const { tried, create } = machine('webgpu', 'cpu');
  const runtime = createOnnxRuntime({ folder: '.', providers: ['webgpu', 'cpu'], create });
  await runtime.createSession(negate, '.');
  expect(tried).toEqual(['webgpu']);
  expect(runtime.executionProvider).toBe('webgpu');
});

test('rejects with the last reason where none works', async () => {
  const { create } = machine();
  const runtime = createOnnxRuntime({ folder: '.', providers: ['cuda', 'webgpu'], create });
  await expect(runtime.createSession(negate, '.')).rejects.toThrow('no webgpu here');
});

test('a graph that is not one is an error', async () => {
  await expect(createOnnxRuntime({ folder: '.' }).createSession(Uint8Array.of(1, 2, 3), '.')).rejects.toThrow();
});
