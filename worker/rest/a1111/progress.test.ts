import { expect, it } from 'vitest';
import type { GenerationState } from '../../../schema/context.ts';
import { progress } from './progress.ts';

const making = {
  id: 'g',
  ...{ step: 25, steps: 60, etaMs: 3_500, createdAt: '2026-11-29T05:00:01.234Z' },
  parameters: { steps: 20, start: null },
  preview: { step: 25, dataUri: 'data:image/png;base64,AAAA' },
} as unknown as GenerationState;

const of = (state: GenerationState | null, count: number) => ({
  list: async () => (state ? [state] : []),
  count: async () => count,
});

it('tells of the picture that is being made', async () => {
  expect(await progress(of(making, 3), true)).toMatchObject({
    progress: 25 / 60,
    eta_relative: 3.5,
    current_image: 'AAAA',
    state: { job: 'g', job_count: 3, job_timestamp: '20261129050001', sampling_step: 5, sampling_steps: 20 },
  });
  expect((await progress(of(making, 3), false)).current_image).toBeNull();
});

it('is at zero where nothing is made', async () => {
  expect(await progress(of(null, 0), true)).toMatchObject({
    progress: 0,
    current_image: null,
    state: { job_count: 0 },
  });
});
