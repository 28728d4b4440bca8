/**
 * The plan: what the worker asks a GPU backend to do. One request carries one plan; its stages run in order, each
 * reading named tensors that were sent along or made by an earlier stage, and adding its own.
 */

/** A stage of a plan. Token ids are padded to the tokenizer's length, begin and end tokens included. */
export type StagePlan = TextEncodePlan | ImageEncodePlan | DenoisePlan | DecodePlan | EmbedPlan | ScorePlan;

/**
 * Reads nothing; adds `prompt_embeds` `[1, tokens, width] float32` and `pooled_prompt_embeds` `[1, width] float32`, and with
 * negative ids `negative_prompt_embeds` and `negative_pooled_prompt_embeds`. A text as one vector, the pooled one, is
 * what texts are compared by; denoising reads it only where the card says `sizeConditioning`.
 */
export interface TextEncodePlan {
  readonly stage: 'TEXT_ENCODE';
  /** One list per text encoder. */
  readonly tokenIds: readonly (readonly number[])[];
  /**
   * Null without classifier-free guidance. Empty where no negative prompt was given and the card says `zerosForNoPrompt`:
   * embeddings of zeros.
   */
  readonly negativeTokenIds: readonly (readonly number[])[] | null;
  /** For the prompt alone, as in diffusers. */
  readonly clipSkip: number | null;
}

/**
 * Reads `image` `[images, height, width, 3] uint8`; adds `moments` `[images, 2 × channels, height/8, width/8] float32`, the
 * mean of the latents that each may have and then their variance's logarithm, as the autoencoder has them, and `encoded`
 * `[images, channels, height/8, width/8] float32`, the likeliest ones as diffusers scales them.
 */
export interface ImageEncodePlan {
  readonly stage: 'IMAGE_ENCODE';
}

/**
 * Reads the prompt embeddings; adds `latent` `[seeds, channels, height/8, width/8] float32`, as diffusers scales it. With a
 * start it reads `moments`, of which every seed draws a latent of its own before any other noise, or where there are none
 * `start_latent` `[1 or seeds, channels, height/8, width/8] float32`.
 */
export interface DenoisePlan {
  readonly stage: 'DENOISE';
  /** Below 2^32, one picture each: all that the noise depends on. */
  readonly seeds: readonly number[];
  readonly width: number;
  readonly height: number;
  readonly steps: number;
  readonly guidanceScale: number;
  readonly guidanceRescale: number;
  readonly eta: number;
  /** A full diffusers scheduler config, `_class_name` included. */
  readonly scheduler: Readonly<Record<string, unknown>>;
  /** Image to image. Null or absent: from noise. */
  readonly start?: StartPlan | null;
  /**
   * How many calls of the UNet are not made, for a run of the same scheduler, steps and size has made them. Then it reads
   * `resume` `[seeds, channels, height/8, width/8] float32`, that run's x_t after so many calls, and as `resume_<name>`, of
   * the same shape, what its scheduler remembered. Null or absent: none.
   */
  readonly resumeAt?: number | null;
  /**
   * How often that run had drawn noise, where it is this one, interrupted: it ends in the same bytes, and what it had
   * started from is not read again. Null or absent: another run, whose noise is not known.
   */
  readonly resumeDraws?: number | null;
  /**
   * After which calls another run may be resumed: the `step` frame of each has x_t as `at_<call>` and what the scheduler
   * remembers as `at_<call>_<name>`. The latter are returned with the former. Absent: none.
   */
  readonly keepAt?: readonly number[];
  /**
   * After every so many calls, but not the last, the `step` frame says how often noise was drawn and has what this run
   * can be gone on with from there: `resume` and `resume_<name>`, whether `returns` names them or not. Absent: never.
   */
  readonly checkpointEvery?: number;
  /**
   * Whether `step` frames have a `preview` `[1, height, width, 3] uint8` of the first picture now and then, small, where
   * the checkpoint has what makes one.
   */
  readonly preview?: boolean;
  /** Where the card says `sizeConditioning`. Null or absent: the picture's own size, not cropped. */
  readonly sizes?: SizesPlan | null;
}

export interface StartPlan {
  /** Above 0, at most 1: the last ⌊steps × strength⌋ steps are done. */
  readonly strength: number;
}

/** What SDXL's UNet is told, in pixels: `[height, width]` and `[top, left]`. Null is diffusers' default. */
export interface SizesPlan {
  readonly originalSize: readonly [number, number] | null;
  readonly cropTopLeft: readonly [number, number] | null;
  readonly targetSize: readonly [number, number] | null;
}

/** Reads `latent`, or where there is none `encoded`; adds `pixels` `[images, height, width, 3] uint8`. */
export interface DecodePlan {
  readonly stage: 'DECODE';
}

/**
 * Brings latents and texts into one space, where the card says `embedder`. Reads `latent`, or where there is none `encoded`,
 * and adds `embedding` `[images, size] float32`; where there is neither it embeds texts alone. With texts it adds
 * `text_embedding` `[texts, size] float32`. Rows are unit vectors: their dot product is the cosine.
 */
export interface EmbedPlan {
  readonly stage: 'EMBED';
  /** Up to 256 texts, each a list of token ids for each text encoder. Empty: none. */
  readonly texts: readonly (readonly (readonly number[])[])[];
}

/**
 * Asks the discriminator, where the card says `discriminator`. Reads `pixels`, of any size; adds `score` `[images] float32`
 * from 0 to 1: a picture from the card's `realFrom` on is called real.
 */
export interface ScorePlan {
  readonly stage: 'SCORE';
}

export interface Plan {
  readonly version: 1;
  /** Digest of the checkpoint, from its card. */
  readonly checkpoint: string;
  readonly stages: readonly StagePlan[];
  /** Names of the tensors to send back, each in the `result` frame of the stage that made it. */
  readonly returns: readonly string[];
}

export type StageName = StagePlan['stage'];

/** What a backend streams back. The tensors of a `result` or `step` frame follow it as one safetensors body. */
export type FrameHeader =
  /** The job does not run yet, and is not forgotten. `position`: how many are to begin before it. Sent every few seconds. */
  | { readonly kind: 'queued'; readonly position: number }
  | { readonly kind: 'started'; readonly backend: BackendIdentity }
  /** `draws`: how often noise was drawn so far, where the run can be gone on with from here. */
  | { readonly kind: 'step'; readonly step: number; readonly steps: number; readonly draws?: number }
  | { readonly kind: 'result'; readonly stage: StageName; readonly ms: number }
  | {
      readonly kind: 'failed';
      readonly stage: StageName | null;
      readonly code: BackendErrorCode;
      readonly message: string;
      readonly retryable: boolean;
    }
  | { readonly kind: 'done' };

/** Where a picture was computed: a generation's record names it. */
export interface BackendIdentity {
  readonly name: string;
  readonly bootId: string;
  /** e.g. `onnxruntime-node 1.30.0` */
  readonly runtime: string;
  /** e.g. `cpu` */
  readonly executionProvider: string;
  readonly threads: number;
  /** What the machine computes with, as far as it decides how results are rounded, e.g. `x64 avx512f amx`. */
  readonly processor: string;
  /** How many jobs may share a call of the UNet: above 1, bytes depend on what runs beside. Absent: 1. */
  readonly batch?: number;
}

/** Backends of one kind make the same bytes of the same plan. */
export function kindOf({ runtime, executionProvider, threads, processor, batch = 1 }: BackendIdentity): string {
  const own = `${runtime}, ${executionProvider}, ${processor}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
  return batch > 1 ? `${own}, batches of ${batch}` : own;
}

/** Why a backend refused a request or a job failed. */
export type BackendErrorCode =
  /** The plan asks for what cannot be: the message names the path. */
  | 'plan_invalid'
  /** The request is not one HTTP or the wire allows. */
  | 'malformed'
  | 'not_found'
  | 'method_not_allowed'
  | 'length_required'
  | 'too_large'
  /** Unsigned, wrongly signed, too old, or seen before. */
  | 'unauthorized'
  /** Signed for another life of this backend: read `/ready` again. */
  | 'boot_changed'
  | 'checkpoint_unknown'
  | 'queue_full'
  /** Still loading. */
  | 'not_ready'
  /** Being stopped. */
  | 'stopping'
  /** The request did not arrive in time. */
  | 'timeout'
  /** A stage made NaN or Inf. */
  | 'model_failed'
  | 'cancelled'
  | 'internal';
