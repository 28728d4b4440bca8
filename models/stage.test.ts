import { expect, test } from 'vitest';
import { ModelError } from './model-error.ts';
import type { Runtime } from './runtime.ts';
import { Stage } from './stage.ts';

const built = () => ({ encode: () => new Uint8Array(), weightBytes: { held: 12, widened: 4 } });

/** A runtime whose graphs return `values`, and that counts what was made and freed. */
function fakeRuntime(...values: number[]) {
  const counts = { created: 0, released: 0, failures: 0 };
  const runtime: Runtime = {
    async createSession() {
      if (counts.failures-- > 0) throw new Error('no memory');
      counts.created++;
      return {
        run: async () => ({ out: { data: Float32Array.from(values), dims: [values.length] } }),
        release: async () => void counts.released++,
      };
    },
  };
  return { runtime, counts, stage: new Stage('unet', 'unet', runtime, built) };
}

test('a session is created once, when it is first needed', async () => {
  const { stage, counts } = fakeRuntime(1);
  expect(counts.created).toBe(0);
  await Promise.all([stage.run({}), stage.run({})]);
  expect(counts.created).toBe(1);
});

test('a session that was released is created anew', async () => {
  const { stage, counts } = fakeRuntime(1);
  await stage.release();
  await stage.load();
  await stage.release();
  await stage.release();
  await stage.run({});
  expect(counts).toMatchObject({ created: 2, released: 1 });
});

test('a session that could not be created is tried again', async () => {
  const { stage, counts } = fakeRuntime(1);
  counts.failures = 1;
  await expect(stage.load()).rejects.toThrow('no memory');
  await stage.load();
  expect(counts.created).toBe(1);
});

test('a runtime is told what the session takes, and may load again what it has given up', async () => {
  const told: unknown[] = [];
  let loads = 0;
  const session = { run: async () => ({}), release: async () => undefined, load: async () => void loads++ };
  const runtime: Runtime = {
    async createSession(...parameters) {
      told.push(parameters.slice(1));
      return session;
    },
  };
  const stage = new Stage('unet', 'unet', runtime, built);
  expect(stage.check()).toEqual({ held: 12, widened: 4 });
  await stage.load();
  await stage.load();
  expect(told).toEqual([['unet', { held: 12, widened: 4 }]]);
  expect(loads).toBe(2);
});

test.each([NaN, Infinity, -Infinity])('%d is an error that names the stage', async value => {
  const running = fakeRuntime(1, value, 2).stage.run({});
  await expect(running).rejects.toThrow(ModelError);
  await expect(running).rejects.toThrow(`unet: ${value} at 1 of 3 values`);
});
