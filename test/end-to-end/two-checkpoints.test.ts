/** A house with two checkpoints whose backend has room for one of them at a time. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { onDisk, tinyConfigs, tinyFolder } from '../models/tiny-checkpoint.ts';
import { House } from './house.ts';

let house: House;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'darkroom-two-'));
  const checkpoints = await Promise.all(
    ['first', 'second'].map((name, i) => onDisk(tinyFolder(tinyConfigs, i + 1), join(folder, name))),
  );
  house = await House.build({}, false);
  await house.startBackend({ CHECKPOINTS: checkpoints.join(), MEMORY_BUDGET: '130KiB' });
  await house.edge.refreshCheckpoints();
});
afterAll(async () => {
  await house?.tearDown();
  await rm(folder, { recursive: true, force: true });
});

const list = async () => {
  const query = '{ checkpoints { name digest default bytes memoryBytes loaded } checkpoint { name } }';
  return (await house.ask(query)).data;
};
const loaded = async () => (await list()).checkpoints.map((each: { loaded: boolean }) => each.loaded);

async function draw(checkpoint?: string, seed = 7) {
  const { generation } = await house.generate({ prompt: 'a b', seed, steps: 3, wait: 60_000, checkpoint });
  expect(generation).toMatchObject({ status: 'SUCCEEDED', failure: null });
  return generation;
}

const pictureOf = async (generation: { images: { png: string }[] }) =>
  Buffer.from(await (await fetch(generation.images[0]!.png)).arrayBuffer());

it('lists both, with what they take and which of them is loaded', async () => {
  const { checkpoints, checkpoint } = await list();
  expect(checkpoints).toMatchObject([
    { name: 'first', default: true, loaded: true },
    { name: 'second', default: false, loaded: false },
  ]);
  expect(checkpoint).toEqual({ name: 'first' });
  const [first, second] = checkpoints;
  expect(first.digest).not.toBe(second.digest);
  expect(first.bytes).toBe(second.bytes);
  expect(first.bytes).toBeGreaterThan(first.memoryBytes);
  expect(first.memoryBytes).toBeGreaterThan(50_000);
});

it('draws with the one that is asked for, which makes room for it, and another picture', async () => {
  const [{ digest: firstDigest }, { digest: secondDigest }] = (await list()).checkpoints;
  const first = await draw();
  const second = await draw('second');
  expect(first.parameters.checkpoint).toBe('first');
  expect(second.parameters.checkpoint).toBe('second');
  expect(first.record.checkpointDigest).toBe(firstDigest);
  expect(second.record.checkpointDigest).toBe(secondDigest);
  expect(second.images[0].latent.digest).not.toBe(first.images[0].latent.digest);
  expect((await pictureOf(second)).equals(await pictureOf(first))).toBe(false);
  expect((await loaded())[1]).toBe(true);
  const released = house.backend!.events.filter(({ event }) => event === 'session_evicted');
  expect(released.map(({ checkpoint }) => checkpoint)).toContain('first');

  // And back, with a picture that is not cached.
  const again = await draw('first', 8);
  expect(again.record.checkpointDigest).toBe(firstDigest);
  expect((await loaded())[0]).toBe(true);
});

it('says that it does not know what is loaded while no backend answers', async () => {
  await house.killBackend();
  expect(await loaded()).toEqual([null, null]);
});
