import type { StableDiffusionPipeline } from '../pipeline.ts';

/** Sides beyond this are nobody's picture. */
const largestSide = 2048;
/**
 * The decoder has a few feature maps of the whole picture in memory at a time: more than this for one of them is refused
 * instead of running out of memory.
 */
const mapBytes = 2 ** 30;

export const mostGuidanceScale = 100;

/** What one picture of a checkpoint may be asked to be. */
export interface GenerationLimits {
  readonly maxSteps: number;
  /** In pixels, as the next two. */
  readonly maxWidth: number;
  readonly maxHeight: number;
  /** Of a side; the least that it may be, too. */
  readonly multipleOf: number;
  /** Layers of its text encoders that can be skipped. */
  readonly maxClipSkip: number;
}

export function generationLimits(pipeline: StableDiffusionPipeline): GenerationLimits {
  const [height, width] = pipeline.unet.config.sampleSize;
  const { scale } = pipeline.autoencoder.config;
  return {
    maxSteps: Math.min(1000, pipeline.checkpoint.scheduler.count('num_train_timesteps', 1000)),
    maxWidth: largest(pipeline, width * scale),
    maxHeight: largest(pipeline, height * scale),
    multipleOf: scale,
    maxClipSkip: pipeline.texts.maxClipSkip,
  };
}

/** What is wrong with a number, in words for who asked; null where nothing is. */
export function rangeFault(name: string, value: number, least: number, most: number): string | null {
  // Written so that NaN is refused too.
  if (!(value >= least)) return `${name} is ${value}: at least ${least}`;
  return value <= most ? null : `${name} is ${value}: at most ${most}`;
}

/** The same for a side of a picture, in pixels. */
export function sideFault(name: string, value: number, multipleOf: number, most: number): string | null {
  const fault = rangeFault(name, value, multipleOf, most);
  // One thing at a time about one number.
  if (fault !== null || value % multipleOf === 0) return fault;
  return `${name} is ${value}: must be a multiple of ${multipleOf}`;
}

/** Four times the checkpoint's own side, as far as a square of it fits into memory. */
function largest({ autoencoder }: StableDiffusionPipeline, own: number): number {
  const { scale, blockOutChannels: widths } = autoencoder.config;
  // The widest is what comes from the level below, at the size of the picture.
  const channels = Math.max(...widths.slice(0, 2));
  const most = Math.sqrt(mapBytes / 4 / channels);
  const side = Math.min(4 * own, largestSide, most);
  return Math.max(own, Math.floor(side / scale) * scale);
}
