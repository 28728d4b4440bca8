import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { nodeId } from './node.ts';
import { allOf } from './testing/all-of.ts';
import { listen } from './testing/ask.ts';
import { memoryServices } from './testing/services.ts';

const WATCH = 'subscription ($id: ID!) { generation(id: $id) { status progress { step } prompt } }';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('each event is all of the generation, and the last one its end', async () => {
  const services = memoryServices();
  services.generations.add('QUEUED', 0);
  const events = await listen(services, WATCH, { id: nodeId('Generation', 'g1') });
  const told = allOf(events);
  await vi.advanceTimersByTimeAsync(1_000);
  services.generations.change('g1', { status: 'DENOISING', step: 1 });
  await vi.advanceTimersByTimeAsync(1_000);
  services.generations.change('g1', { status: 'SUCCEEDED', step: 20 });
  await vi.advanceTimersByTimeAsync(1_000);
  const event = (status: string, step: number) => ({
    data: { generation: { status, progress: { step }, prompt: 'a dog' } },
  });
  expect(await told).toEqual([event('QUEUED', 0), event('DENOISING', 1), event('SUCCEEDED', 20)]);
});

test.each([nodeId('Generation', 'g9'), nodeId('Image', 'g1'), 'g1', ''])('of %j there is nothing to tell', async id => {
  const services = memoryServices();
  services.generations.add();
  const events = await listen(services, WATCH, { id });
  expect(await allOf(events)).toEqual([{ data: { generation: null } }]);
});

test('a deleted one ends with null', async () => {
  const services = memoryServices();
  services.generations.add('QUEUED', 0);
  const events = await listen(services, WATCH, { id: nodeId('Generation', 'g1') });
  expect((await events.next()).value.data.generation.status).toBe('QUEUED');
  await services.generations.delete('g1');
  const told = allOf(events);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await told).toEqual([{ data: { generation: null } }]);
});
