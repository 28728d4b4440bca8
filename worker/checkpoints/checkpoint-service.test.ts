import { describe, expect, it } from 'vitest';
import { plainCard, testCard } from '../../schema/testing/services.ts';
import { memoryD1, memoryR2 } from '../../test/edge/in-memory.ts';
import { BackendPool } from '../backends/pool.ts';
import { CardStore } from './card-store.ts';
import { CheckpointRows } from './checkpoint-rows.ts';
import { PublishedCheckpoints } from './checkpoint-service.ts';

/** What is known when a backend has said that it has both, with nobody there to be asked again. */
async function checkpoints(defaultName: string | null) {
  const cards = new CardStore(memoryR2().bucket, { get: async () => null, put: async () => {} });
  const rows = new CheckpointRows(await memoryD1());
  for (const card of [testCard, plainCard]) await cards.save(card);
  await rows.seen([testCard, plainCard], true);
  const pool = new BackendPool({ backends: [], backendSecret: 's'.repeat(32) });
  return new PublishedCheckpoints(rows, cards, pool, defaultName);
}

describe('the default checkpoint', () => {
  it('is the first of the first backend', async () => {
    expect((await (await checkpoints(null)).find(null))?.name).toBe('shipped');
  });

  it('is the configured one, and the first of the list', async () => {
    const service = await checkpoints('plain');
    expect((await service.find(null))?.name).toBe('plain');
    expect((await service.list()).map(({ name }) => name)).toEqual(['plain', 'shipped']);
  });

  it('is none where the configured one is not there: no other stands in', async () => {
    const service = await checkpoints('gone');
    expect(await service.find(null)).toBeNull();
    expect((await service.list()).map(({ name }) => name)).toEqual(['shipped', 'plain']);
    expect((await service.find('plain'))?.name).toBe('plain');
  });
});
