/** How far an image is, as those who wait for it are told. */
import type { Tensor } from '../../models/runtime.ts';
import { type GenerationStatus, type StageTiming, stepsOf } from '../../schema/context.ts';
import type { BackendIdentity, StageName } from '../../wire/plan.ts';
import type { Job } from '../generations/job.ts';

export interface Report {
  readonly status: GenerationStatus;
  /** Of this image. */
  readonly step: number;
  readonly steps: number;
  readonly timings: readonly StageTiming[];
  /** The one that works on it, or did last; null until one has begun. */
  readonly backend: BackendIdentity | null;
  /** Of all backends that had a part in it, in the order of their parts. */
  readonly kinds: readonly string[];
  /** The picture so far, `[1, height, width, 3] uint8`, small; null where there is none. */
  readonly preview: { readonly step: number; readonly pixels: Tensor } | null;
  /** The backend has done its part: what fails from now on is ours. */
  readonly isStoring: boolean;
}

export function reportBefore(job: Job): Report {
  const steps = stepsOf(job.parameters);
  const nothing = { timings: [], backend: null, kinds: [], preview: null, isStoring: false };
  return { status: 'QUEUED', step: 0, steps, ...nothing };
}

/** What is done while a stage runs. */
export function statusIn(stage: StageName): GenerationStatus {
  const statuses: Partial<Record<StageName, GenerationStatus>> = {
    DENOISE: 'DENOISING',
    DECODE: 'DECODING',
    SCORE: 'SCORING',
  };
  return statuses[stage] ?? 'ENCODING';
}

/** What is done after a stage has ended; null: what was done, for nobody waits long for what follows. */
export function statusAfter(stage: StageName, isScored: boolean): GenerationStatus | null {
  switch (stage) {
    case 'IMAGE_ENCODE':
      return 'ENCODING';
    case 'TEXT_ENCODE':
      return 'DENOISING';
    case 'DENOISE':
      return 'DECODING';
    case 'DECODE':
      return isScored ? 'SCORING' : null;
    default:
      return null;
  }
}
