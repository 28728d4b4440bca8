/** Small pictures of a run on its way. */
import type { DenoiseStep } from '../models/denoise.ts';
import type { StableDiffusionPipeline } from '../models/pipeline.ts';
import { type OriginalEstimates, originalEstimates } from '../models/preview/estimate.ts';
import type { FloatTensor, Tensor } from '../models/runtime.ts';
import type { SchedulerConfig } from '../models/schedulers/create.ts';
import type { DenoisePlan } from '../wire/plan.ts';

/** Milliseconds between two: nobody sees more, and each is sent and kept. */
const everyMs = 200;

export class Previews {
  readonly #picture: StableDiffusionPipeline['previewOf'];
  readonly #estimates: OriginalEstimates;
  readonly #now: () => number;
  /** x_t that the next step starts from; what a run begins with is not told. */
  #before: FloatTensor | null;
  #shownAt = Number.NEGATIVE_INFINITY;

  /**
   * @param picture what makes one; it may have nothing to make them with
   * @param before what a run is resumed from
   */
  constructor(
    { scheduler, steps, eta, start }: DenoisePlan,
    picture: StableDiffusionPipeline['previewOf'],
    before: FloatTensor | null,
    now: () => number = () => performance.now(),
  ) {
    this.#picture = picture;
    this.#estimates = originalEstimates(scheduler as SchedulerConfig, { steps, eta, strength: start?.strength ?? 1 });
    this.#before = before;
    this.#now = now;
  }

  /** What the model sees in the first picture at this step; null where it is too early for another one, or there is none. */
  of({ step, steps, latent, modelOutput }: DenoiseStep): Tensor<Uint8Array> | null {
    const before = this.#before;
    this.#before = latent;
    const now = this.#now();
    // The last one is there, whole, in no time.
    if (before === null || step === steps || now - this.#shownAt < everyMs) return null;
    this.#shownAt = now;
    return this.#picture(this.#estimates(firstOf(before), firstOf(modelOutput), step));
  }
}

function firstOf({ data, dims: [images = 1, ...dims] }: FloatTensor): FloatTensor {
  return { data: data.subarray(0, data.length / images), dims: [1, ...dims] };
}
