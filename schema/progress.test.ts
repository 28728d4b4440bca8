import { expect, test } from 'vitest';
import type { GenerationState } from './context.ts';
import { nodeId } from './node.ts';
import { ask } from './testing/ask.ts';
import { memoryServices } from './testing/services.ts';

async function read(state: Partial<GenerationState>) {
  const services = memoryServices();
  services.generations.add('QUEUED', 0);
  services.generations.change('g1', state);
  const { data, errors } = await ask(
    services,
    'query ($id: ID!) { generation(id: $id) { progress { step steps fraction queuePosition etaMs } preview { step dataUri } } }',
    { id: nodeId('Generation', 'g1') },
  );
  expect(errors).toBeUndefined();
  return data.generation;
}

const preview = { step: 4, dataUri: 'data:image/png;base64,AA==' };

test('who waits is told how many are before it', async () => {
  expect(await read({ queuePosition: 3, etaMs: 1_500 })).toEqual({
    progress: { step: 0, steps: 20, fraction: 0, queuePosition: 3, etaMs: 1_500 },
    preview: null,
  });
});

test('who is drawn is told how it looks', async () => {
  expect(await read({ status: 'DENOISING', step: 5, etaMs: 749.6, preview })).toEqual({
    progress: { step: 5, steps: 20, fraction: 0.25, queuePosition: null, etaMs: 750 },
    preview,
  });
});

test.each(['SUCCEEDED', 'FAILED', 'CANCELLED'] as const)('of one that is %s nothing is to come', async status => {
  expect(await read({ status, queuePosition: 0, etaMs: 100, preview })).toMatchObject({
    progress: { queuePosition: null, etaMs: null },
    preview: null,
  });
});

test('an estimate that is no Int fails nothing', async () => {
  expect((await read({ etaMs: 1e12 })).progress.etaMs).toBe(2 ** 31 - 1);
  expect((await read({ etaMs: -3 })).progress.etaMs).toBe(0);
});
