import type { GenerationState, GenerationStatus } from '../../../schema/context.ts';
import { imageId } from '../../images/image-id.ts';

export const idOf = (number: number) => number.toString(16).padStart(32, '0');
export const keyOf = (number: number) => number.toString(16).padStart(64, '0');

/** A generation of a sheet. One that has succeeded has an image, of the latent with its number. */
export function cell(number: number, status: GenerationStatus, more: Partial<GenerationState> = {}): GenerationState {
  const id = idOf(number);
  const isMade = status === 'SUCCEEDED';
  const image = { id: imageId(id, 0), generationId: id, width: 8, height: 8, seed: 7, latentKey: keyOf(number) };
  return {
    id,
    status,
    step: isMade ? 10 : 0,
    steps: 10,
    prompt: 'a dog',
    negativePrompt: '',
    parameters: {
      ...{ checkpoint: 'tiny', width: 8, height: 8, steps: 10, guidanceScale: 3, guidanceRescale: 0, eta: 0 },
      ...{ clipSkip: null, scheduler: 'DDIM', seed: 7, isSeedDrawn: false, count: 1, start: null, sdxl: null },
    },
    images: isMade ? [image] : [],
    timings: [],
    record: null,
    failure:
      status === 'FAILED'
        ? { code: 'MODEL_FAILED', message: `NaN ${number}`, stage: 'DENOISE', retryable: false }
        : null,
    createdAt: '2026-03-01T00:00:00.000Z',
    finishedAt: null,
    ...more,
  } as GenerationState;
}
