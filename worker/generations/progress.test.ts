import { describe, expect, it } from 'vitest';
import type { GenerationState } from '../../schema/context.ts';
import { interrupted } from './ending.ts';
import { isGenerationId, newGenerationId } from './generation-id.ts';
import type { Job } from './job.ts';
import { failed, queued, stepped, succeeded, timed, withBest, withImage } from './progress.ts';

const job = { prompt: 'a', negativePrompt: '', report: {}, parameters: { steps: 4, count: 2 } } as unknown as Job;
const first = queued('id', job, '2026-01-01T00:00:00.000Z');

describe('progress', () => {
  it('counts the steps of all images', () => {
    expect(first).toMatchObject({ status: 'QUEUED', step: 0, steps: 8 });
    expect(stepped(first, 0, 3, 4).step).toBe(3);
    expect(stepped(first, 1, 1, 4).step).toBe(5);
    // A scheduler may call the model more often than it has steps.
    expect(stepped(first, 0, 3, 8).step).toBe(2);
    expect(succeeded(first, 'now').step).toBe(8);
  });

  it('never goes down', () => {
    const state = stepped(first, 0, 3, 4);
    expect(stepped(state, 0, 1, 4).step).toBe(3);
    expect(failed(state, interrupted, 'now')).toMatchObject({ status: 'FAILED', step: 3, finishedAt: 'now' });
  });

  it('adds up the times of a stage over the images', () => {
    const time = (state: GenerationState, ms: number) =>
      timed(state, { stage: 'DECODE', ms, backend: 'gpu', cached: false });
    expect(time(time(first, 2), 3).timings).toEqual([{ stage: 'DECODE', ms: 5, backend: 'gpu', cached: false }]);
  });
});

describe('withBest', () => {
  const made = (keep: number | null, ...scores: number[]) => {
    const none = { ...first, parameters: { ...first.parameters, keep } };
    const all = scores.reduce<GenerationState>((state, score, i) => {
      const image = { id: `id-${i}`, generationId: 'id', width: 8, height: 8, seed: i, latentKey: '' };
      return withImage(state, { ...image, score: { score, real: false } });
    }, none);
    return withBest(all).images.map(({ seed }) => seed);
  };

  it('keeps the images with the best scores, in the order of their seeds', () => {
    expect(made(2, 0.3, 0.1, 0.9)).toEqual([0, 2]);
    expect(made(1, 0.5, 0.5)).toEqual([0]);
    expect(made(null, 0.3, 0.1)).toEqual([0, 1]);
  });
});

describe('generation ids', () => {
  it('sort by time', () => {
    const ids = [newGenerationId(1), newGenerationId(2), newGenerationId(1_800_000_000_000)];
    expect(ids.toSorted()).toEqual(ids);
    expect(ids.every(isGenerationId)).toBe(true);
    expect(newGenerationId(5)).not.toBe(newGenerationId(5));
  });
});
