import { expect, it } from 'vitest';
import { duration, jobLine } from './line.ts';

const progress = { step: 10, steps: 40, fraction: 0.25, queuePosition: null, etaMs: null };

it('says what is done, and what is left', () => {
  expect(jobLine({ status: 'DENOISING', progress: { ...progress, etaMs: 2100 } })).toBe(
    'developing █████░░░░░░░░░░░░░░░ 10/40, 3 s left',
  );
  const waiting = { ...progress, step: 0, fraction: 0, queuePosition: 3, etaMs: 61_000 };
  expect(jobLine({ status: 'QUEUED', progress: waiting })).toBe(
    'waiting    ░░░░░░░░░░░░░░░░░░░░ 0/40, 3 before it, 1 min 1 s left',
  );
  expect(jobLine({ status: 'SUCCEEDED', progress: { ...progress, step: 40, fraction: 1, etaMs: 0 } })).toBe(
    'done       ████████████████████ 40/40',
  );
});

it.each([
  [1, '1 s'],
  [59_400, '1 min 0 s'],
  [3_600_000, '1 h 0 min'],
  [5_432_100, '1 h 30 min'],
])('tells %i milliseconds as %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});
