import { expect, it } from 'vitest';
import type { Draft } from '../../state/draft.ts';
import { requestOf } from './request.ts';

const draft: Draft = {
  prompt: 'a cat',
  here: false,
  negativePrompt: ' ',
  checkpoint: null,
  seed: null,
  steps: 3,
  guidanceScale: null,
  scheduler: null,
  width: null,
  height: null,
  count: 1,
  reuse: null,
  score: false,
  start: null,
  strength: 0.4,
};

const given = (some: Partial<Draft>) =>
  Object.fromEntries(Object.entries(requestOf({ ...draft, ...some })).filter(([, value]) => value !== null));

it('sends what was set, and nothing else', () => {
  expect(given({})).toEqual({ prompt: 'a cat', steps: 3, count: 1 });
  expect(given({ negativePrompt: 'a dog', score: true, seed: 0 })).toEqual({
    prompt: 'a cat',
    negativePrompt: 'a dog',
    steps: 3,
    count: 1,
    score: true,
    seed: 0,
  });
});

it('starts from a latent or a file, with the strength', () => {
  const latent = { kind: 'latent', key: 'k', url: '' } as const;
  expect(given({ start: latent }).start).toEqual({ from: { latentKey: 'k' }, strength: 0.4 });
  const file = new File(['x'], 'cat.png');
  expect(given({ start: { kind: 'file', file } }).start).toEqual({ from: { image: file }, strength: 0.4 });
});
