import { describe, expect, it } from 'vitest';
import type { GenerationState, MadeImageState } from '../../schema/context.ts';
import { pictureTexts } from './picture-texts.ts';

const image: MadeImageState = { id: 'x-1', generationId: 'x', width: 128, height: 64, seed: 43, latentKey: 'k' };
const generation: GenerationState = {
  id: 'x',
  status: 'SUCCEEDED',
  step: 20,
  steps: 20,
  prompt: 'a red apple',
  negativePrompt: '',
  report: {
    allowed: true,
    code: null,
    tokens: [],
    tokenIds: [],
    modelTokenIds: [],
    modelNegativeTokenIds: [],
    truncated: false,
    unknownWords: [],
    errors: [],
  },
  parameters: {
    checkpoint: 'emoji',
    width: 128,
    height: 64,
    steps: 20,
    guidanceScale: 7.5,
    guidanceRescale: 0,
    eta: 0,
    clipSkip: null,
    scheduler: 'DDIM',
    seed: 42,
    count: 2,
    start: null,
    sdxl: null,
  },
  images: [image],
  timings: [{ stage: 'DENOISE', ms: 12.5, backend: 'gpu-1', cached: false }],
  record: {
    checkpointDigest: 'abcdef0123456789',
    tokenIds: [1, 2],
    negativeTokenIds: [3],
    seed: 42,
    noise: 'torch.randn (CPU generator)',
    scheduler: '{"_class_name":"DDIMScheduler"}',
    dtype: 'float32',
    executionProvider: 'cpu',
    runtime: 'onnxruntime-node 1.30.0',
    darkroom: '0.1.0',
  },
  failure: null,
  createdAt: '2026-11-22T18:00:00.000Z',
  finishedAt: '2026-11-22T18:00:01.000Z',
};

describe('pictureTexts', () => {
  it('tells the parameters as other programs read them', () => {
    expect(pictureTexts(generation, image).parameters).toBe(
      'a red apple\nSteps: 20, Sampler: DDIM, CFG scale: 7.5, Seed: 43, Size: 128x64, Model hash: abcdef0123, Model: emoji',
    );
  });

  it('tells what differs from the defaults only where it does', () => {
    const parameters = { ...generation.parameters, eta: 0.5, clipSkip: 1, guidanceRescale: 0.7 };
    const text = pictureTexts({ ...generation, negativePrompt: 'blurry', parameters }, image).parameters;
    expect(text).toContain('\nNegative prompt: blurry\nSteps: 20');
    expect(text).toContain('Clip skip: 2, Eta: 0.5, CFG Rescale: 0.7');
  });

  it('tells what the picture starts from', () => {
    const start = { from: 'IMAGE', latentKey: 'e'.repeat(64), strength: 0.6 } as const;
    const texts = pictureTexts({ ...generation, parameters: { ...generation.parameters, start } }, image);
    expect(texts.parameters).toMatch(/, Model: emoji, Denoising strength: 0.6$/);
    expect(JSON.parse(texts.darkroom!)).toMatchObject({ start });
    expect(JSON.parse(pictureTexts(generation, image).darkroom!)).not.toHaveProperty('start');
  });

  it('has an exact record in ASCII', () => {
    const text = pictureTexts({ ...generation, prompt: 'pomme 🍎 é' }, image).darkroom!;
    expect(text).toMatch(/^[\x20-\x7e]*$/);
    expect(JSON.parse(text)).toMatchObject({
      version: 1,
      prompt: 'pomme 🍎 é',
      seed: 43,
      checkpointDigest: 'abcdef0123456789',
      tokenIds: [1, 2],
      schedulerConfig: { _class_name: 'DDIMScheduler' },
    });
  });

  it('is the same wherever and whenever the picture was made', () => {
    const elsewhere: GenerationState = {
      ...generation,
      id: 'y',
      createdAt: '2027-01-01T00:00:00.000Z',
      finishedAt: null,
      timings: [],
      parameters: { ...generation.parameters, seed: 43, count: 1 },
      record: { ...generation.record!, seed: 43, executionProvider: 'cuda', runtime: 'other', darkroom: '9' },
    };
    expect(pictureTexts(elsewhere, { ...image, id: 'y-0', generationId: 'y' })).toEqual(
      pictureTexts(generation, image),
    );
  });
});
