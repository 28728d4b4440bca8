import type { SchedulerName } from '../../models/schedulers/names.ts';

/** One picture that both Darkroom and diffusers make. */
export interface ParityRequest {
  readonly prompt: string;
  readonly negativePrompt: string;
  readonly seed: number;
  /** Instead of the settings' own. */
  readonly scheduler?: SchedulerName;
}

/** What all pictures of a run have in common. */
export interface ParitySettings {
  /** The checkpoint's folder, absolute. */
  readonly folder: string;
  readonly steps: number;
  readonly guidanceScale: number;
  readonly width: number;
  readonly height: number;
  /** Made from the checkpoint's own scheduler config. */
  readonly scheduler: SchedulerName;
  /** Image to image. Null: from noise. */
  readonly start: ParityStart | null;
}

export interface ParityStart {
  /** A PNG file, absolute, of any size. */
  readonly file: string;
  /** Above 0 to 1. */
  readonly strength: number;
}

/** What came of a request. */
export interface ParityResult {
  /** `[height, width, 3]` */
  readonly pixels: Uint8Array;
  /** What was decoded, as the UNet knows it, `[1, channels, height/8, width/8]`. */
  readonly latent: ArrayLike<number>;
}
