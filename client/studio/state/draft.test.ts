import { expect, it } from 'vitest';
import type { Generation, Image } from '../../sdk/index.ts';
import { change, draft, restored, useAgain, useAsStart, useWithNewSeed } from './draft.ts';

const latent = { key: 'k', url: 'http://x/k.safetensors', shape: [4, 16, 16] };
const image: Image = {
  ...{ id: 'i', width: 128, height: 128, seed: 8, url: 'u', webpUrl: 'w', jpegUrl: 'j', latent },
  ...{ score: null, reuse: null },
};
const generation: Generation = {
  status: 'SUCCEEDED',
  ...{ id: 'g', prompt: 'a cat', negativePrompt: 'a dog', createdAt: '', finishedAt: '' },
  ...{ failure: null, preview: null, reuse: null, timings: [], record: null, images: [image] },
  progress: { step: 3, steps: 3, fraction: 1, queuePosition: null, etaMs: null },
  parameters: {
    ...{ checkpoint: 'shipped', width: 128, height: 64, steps: 3, guidanceScale: 2, guidanceRescale: 0, eta: 0 },
    scheduler: 'EULER',
    reuse: 'EXACT',
    ...{ clipSkip: null, score: true, seed: 7, count: 2, keep: null, startLatentKey: null, strength: null },
  },
  report: { allowed: true, tokens: [], tokenIds: [], truncated: false, unknownWords: [], errors: [] },
};

it('is filled for the same generation again, with another seed, from its picture', () => {
  useAgain(generation);
  const again = draft.value;
  expect(again).toMatchObject({ prompt: 'a cat', negativePrompt: 'a dog', seed: 7, steps: 3, height: 64, count: 2 });
  useWithNewSeed(generation);
  expect(draft.value).toEqual({ ...again, seed: null });
  useAsStart(generation, image);
  expect(draft.value).toMatchObject({ seed: null, count: 1, start: { kind: 'latent', key: 'k', url: 'u' } });
});

it('changes in parts', () => {
  change({ prompt: 'a fish' });
  change({ steps: 9 });
  expect(draft.value).toMatchObject({ prompt: 'a fish', steps: 9 });
});

it('is restored from what was kept, as far as that fits', () => {
  const empty = restored(null);
  expect(restored({ prompt: 'a cat', steps: 3, count: '9', stolen: true })).toEqual({
    ...empty,
    prompt: 'a cat',
    steps: 3,
  });
  for (const nonsense of ['x', 3, [], { prompt: 7 }]) expect(restored(nonsense)).toEqual(empty);
});
