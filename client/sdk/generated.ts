// Written by `npm run sdk:types` from schema/schema.graphql and client/sdk/documents/: do not edit.
import type { TypedDocument } from './document.ts';
import type { Picture } from './pictures.ts';

/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
/** One axis of a contact sheet. */
export type Axis = {
  /** What changes along it. */
  readonly parameter: AxisParameter;
  /** What it is in turn, as text: 1 to 16 values, no two the same. They take the place of what `base` says. */
  readonly values: ReadonlyArray<string>;
};

/** What changes along an axis of a contact sheet. */
export type AxisParameter =
  /** How strongly the prompt steers: `"7.5"`. */
  | 'GUIDANCE_SCALE'
  /** What the picture is to show: `"a castle on a blue background"`. */
  | 'PROMPT'
  /** The scheduler, by its name: `"DDIM"`. */
  | 'SCHEDULER'
  /** What the noise is drawn from: `"42"`. */
  | 'SEED'
  /** The number of denoising steps: `"20"`. */
  | 'STEPS'
  /** With `base.start`: how much of the start is done anew, `"0.7"`. */
  | 'STRENGTH';

/** An image, and what it may show. */
export type ClassifyInput = {
  /** Whose embedder, by the checkpoint’s name; the server’s default when absent. */
  readonly checkpoint?: string | null | undefined;
  /** How many classes to answer with, the likeliest first, 1 to 256. */
  readonly first?: number;
  /** The image. */
  readonly image: Picture;
  /** What it may show, 1 to 256 different texts. Default: the things of the checkpoint’s vocabulary. */
  readonly labels?: ReadonlyArray<string> | null | undefined;
};

/** An image to be made small. */
export type CompressInput = {
  /** Of each value of the latent, 2 to 8: more keep more. */
  readonly bits?: number;
  /** Whose autoencoder, by the checkpoint’s name; the server’s default when absent. */
  readonly checkpoint?: string | null | undefined;
  /** The image. Of a latent, its picture. */
  readonly image: Picture;
};

/** What to make: one generation for each pair of values, 100 at most. */
export type ContactSheetInput = {
  /** What all of them have in common. `count` is 1; `keep`, `wait`, `webhook` and `idempotencyKey` are refused. A `seed` that is not given is drawn once, for all of them. */
  readonly base: GenerateInput;
  /** As in GenerateInput, 1 to 255 characters: for 24 hours the same key with the same input (`wait` aside) answers with the same sheet. Keys of generations are others. */
  readonly idempotencyKey?: string | null | undefined;
  /** How long to wait for the end, 0 to 60000 milliseconds. Default 0: answers at once. */
  readonly wait?: number | null | undefined;
  /** From left to right: a column for each value. */
  readonly x: Axis;
  /** From top to bottom: a row for each value, of another parameter than `x`. One row when absent. */
  readonly y?: Axis | null | undefined;
};

/** An image to be judged. */
export type DiscriminateInput = {
  /** Whose discriminator, by the checkpoint’s name; the server’s default when absent. */
  readonly checkpoint?: string | null | undefined;
  /** The image. Not a latent. */
  readonly image: Picture;
};

/** Images and texts, 1 to 256 together. */
export type EmbedInput = {
  /** Whose encoders, by the checkpoint’s name; the server’s default when absent. */
  readonly checkpoint?: string | null | undefined;
  /** Images, in the spaces LATENT and EMBEDDING. */
  readonly images?: ReadonlyArray<Picture> | null | undefined;
  /** Where they are to be. UNSUPPORTED where one of them has no place, or the checkpoint no embedder. */
  readonly space?: SimilaritySpace;
  /** Texts, in the spaces PROMPT and EMBEDDING. */
  readonly texts?: ReadonlyArray<string> | null | undefined;
};

/** An image to be encoded. */
export type EncodeImageInput = {
  /** Whose encoder, by the checkpoint’s name; the server’s default when absent. */
  readonly checkpoint?: string | null | undefined;
  /** The image. A latent is kept as it is. */
  readonly image: Picture;
};

/** What went wrong, for programs. */
export type ErrorCode =
  /** No GPU backend answers. */
  | 'BACKEND_UNAVAILABLE'
  /** Not for whoever asks: a page of another origin, a request for a host that this server is not, or what somebody still holds. */
  | 'FORBIDDEN'
  /** The idempotency key was used for another input within the last 24 hours. */
  | 'IDEMPOTENCY_CONFLICT'
  /** A value is out of range or malformed; the message names it and its limit. */
  | 'INPUT_INVALID'
  /** A fault of the server; `errorId` finds it in the server’s log. */
  | 'INTERNAL'
  /** The model ran and gave nothing that can be used, such as NaN. */
  | 'MODEL_FAILED'
  /** What was named does not exist. */
  | 'NOT_FOUND'
  /** The prompt cannot be used as it is: empty, too long, or with characters that are no text. */
  | 'PROMPT_INVALID'
  /** The prompt has words that this server does not accept. */
  | 'PROMPT_REFUSED'
  /** Too much work is waiting. */
  | 'QUEUE_FULL'
  /** Kept for quotas, which this version does not have. */
  | 'QUOTA_EXCEEDED'
  /** Kept for rate limits, which this version does not have. */
  | 'RATE_LIMITED'
  /** The query asks for more than one request may. */
  | 'TOO_COMPLEX'
  /** Kept for API keys, which this version does not ask for. */
  | 'UNAUTHENTICATED'
  /** The checkpoint lacks the part that was asked for. */
  | 'UNSUPPORTED';

/** What to make. Everything but the prompt has a default; null is the same as absent. */
export type GenerateInput = {
  /** A checkpoint’s name; the server’s default when absent. */
  readonly checkpoint?: string | null | undefined;
  /** How many of the text encoder’s last layers to leave out, as in diffusers. Default: none. */
  readonly clipSkip?: number | null | undefined;
  /** How many images, 1 to `Checkpoint.limits.maxCount`. Default 1. */
  readonly count?: number | null | undefined;
  /** DDIM’s η, 0 to 1: 0 adds no noise after the start, 1 as much as DDPM. Default 0. */
  readonly eta?: number | null | undefined;
  /** How far guidance is scaled back to the contrast of the unguided image, 0 to 1. Default 0. */
  readonly guidanceRescale?: number | null | undefined;
  /** How strongly the prompt steers, 0 to 100; 1 and less is without classifier-free guidance. Default: the checkpoint’s own. */
  readonly guidanceScale?: number | null | undefined;
  /** Pixels: a multiple of `Checkpoint.limits.multipleOf`. Default: the checkpoint’s own. */
  readonly height?: number | null | undefined;
  /** 1 to 255 characters of your own choice that make the request safe to send again: for 24 hours the same key with the same input (`wait` aside) answers with the same generation; with another input it is an IDEMPOTENCY_CONFLICT. */
  readonly idempotencyKey?: string | null | undefined;
  /** With `score`: make `count` images and keep only so many, those with the best scores. Until the end all are there. Default: all. */
  readonly keep?: number | null | undefined;
  /** What it is not to show. */
  readonly negativePrompt?: string | null | undefined;
  /** What the picture is to show. */
  readonly prompt: string;
  /** What may be used again of what was computed before; APPROXIMATE must be asked for. Default EXACT. */
  readonly reuse?: ReusePolicy | null | undefined;
  /** Default: the checkpoint’s own. */
  readonly scheduler?: Scheduler | null | undefined;
  /** Has the checkpoint’s discriminator score every image. UNSUPPORTED where it has none. Default false. */
  readonly score?: boolean | null | undefined;
  /** What SDXL is told about sizes. UNSUPPORTED for other checkpoints. */
  readonly sdxl?: SdxlConditioning | null | undefined;
  /** What the noise is drawn from; drawn at random and returned when absent. Image i uses seed + i. */
  readonly seed?: number | bigint | string | null | undefined;
  /** Where denoising starts: from noise when absent, else from a picture or a latent (image to image). */
  readonly start?: StartInput | null | undefined;
  /** Denoising steps, 1 to `Checkpoint.limits.maxSteps`. Default: the checkpoint’s own. */
  readonly steps?: number | null | undefined;
  /** How long to wait for the end, 0 to 60000 milliseconds. Default 0: answers at once. */
  readonly wait?: number | null | undefined;
  /** An address that is called with a signed POST when the generation has ended, however it has. */
  readonly webhook?: string | null | undefined;
  /** Pixels: a multiple of `Checkpoint.limits.multipleOf`. Default: the checkpoint’s own. */
  readonly width?: number | null | undefined;
};

/** How far a generation is. The last three are final. */
export type GenerationStatus =
  /** Ended because it was stopped; the images that were made before stay. */
  | 'CANCELLED'
  /** The autoencoder makes pixels of the latents. */
  | 'DECODING'
  /** Noise becomes latents; `progress` counts the steps. */
  | 'DENOISING'
  /** The text encoder reads the prompt; the autoencoder the picture that is the start. */
  | 'ENCODING'
  /** Ended before all of its images were made; those that were stay. `failure` says why. */
  | 'FAILED'
  /** Accepted and stored; no backend works on it yet. */
  | 'QUEUED'
  /** The discriminator looks at the image, where that was asked for. */
  | 'SCORING'
  /** Ended, with all of its images. */
  | 'SUCCEEDED';

/** Two latents, and how many pictures to see of the way between them. */
export type InterpolateInput = {
  /** How many pictures, 2 to 64, both ends included. */
  readonly count?: number;
  /** The key of the latent to begin with. */
  readonly fromKey: string;
  /** The key of the latent to end with, of the same checkpoint and shape. */
  readonly toKey: string;
};

/** What kind of chance to see. */
export type RandomImageInput = {
  /** A checkpoint’s name; the server’s default when absent. */
  readonly checkpoint?: string | null | undefined;
  /** Pixels: a multiple of `Checkpoint.limits.multipleOf`. Default: the checkpoint’s own. */
  readonly height?: number | null | undefined;
  /** Where the chance is. */
  readonly kind: RandomImageKind;
  /** What is drawn from; its low 32 bits count. Drawn at random and returned when absent. */
  readonly seed?: number | bigint | string | null | undefined;
  /** Pixels: a multiple of `Checkpoint.limits.multipleOf`. Default: the checkpoint’s own. */
  readonly width?: number | null | undefined;
};

/** Where the chance is. */
export type RandomImageKind =
  /** In the choice among what the checkpoint learned: a random prompt’s picture. */
  | 'DATA'
  /** In the latent: what the decoder makes of standard normal noise. */
  | 'LATENT'
  /** In the pixels: every value uniform and independent. Such a picture was never a latent. */
  | 'PIXELS';

/** An image to be encoded and decoded again. */
export type ReconstructInput = {
  /** Whose autoencoder, by the checkpoint’s name; the server’s default when absent. */
  readonly checkpoint?: string | null | undefined;
  /** The image. Not a latent, of which there is no original to compare with. */
  readonly image: Picture;
};

/** What may be used again of what was computed before. */
export type ReusePolicy =
  /** Beside that, the first steps of a similar prompt: an image may begin where another one was, at most half-way through, and `reuse` says where. The result is not quite what computing everything gives. With a seed only steps from the same seed serve; without one those of any other, whose seed is then told, and asking again still gives other images. Where the scheduler draws noise, or calls the model more than once a step (PNDM, HEUN), or with a `start`, it is as EXACT. */
  | 'APPROXIMATE'
  /** What is the same to the byte. */
  | 'EXACT'
  /** Nothing: everything is computed. */
  | 'NONE';

/** How noise becomes an image, step by step. */
export type Scheduler =
  /** Denoising diffusion implicit models (Song et al. 2020): the same seed gives the same image unless `eta` adds noise. */
  | 'DDIM'
  /** Denoising diffusion probabilistic models (Ho et al. 2020): fresh noise after every step; wants many steps. */
  | 'DDPM'
  /** DPM-Solver++ (Lu et al. 2022): multistep, of second order; good from about 20 steps. */
  | 'DPMPP_2M'
  /** DPM-Solver++ at the noise levels of Karras et al. 2022: more steps where there is little noise. */
  | 'DPMPP_2M_KARRAS'
  /** DPM-Solver++ for the stochastic equation: fresh noise at every step. */
  | 'DPMPP_2M_SDE'
  /** Euler’s method along the probability flow (Karras et al. 2022). */
  | 'EULER'
  /** Euler’s method with fresh noise after every step: the image keeps changing with the number of steps. */
  | 'EULER_ANCESTRAL'
  /** Euler’s method for checkpoints trained by flow matching (Lipman et al. 2023). */
  | 'FLOW_MATCH_EULER'
  /** Heun’s method (Karras et al. 2022): second order, two calls of the model for a step. */
  | 'HEUN'
  /** Latent consistency models (Luo et al. 2023): 1 to 8 steps, for checkpoints distilled for it. */
  | 'LCM'
  /** Pseudo numerical methods on manifolds (Liu et al. 2022): multistep, of fourth order. */
  | 'PNDM'
  /** A unified predictor and corrector (Zhao et al. 2023): good from about 10 steps. */
  | 'UNIPC';

/** What SDXL is told about sizes (Podell et al. 2023, section 2.2), in pixels, as in diffusers. By default: an image of its own size that was not cropped. */
export type SdxlConditioning = {
  /** How much is said to be cut off on the left. Default 0. */
  readonly cropLeft?: number | null | undefined;
  /** How much is said to be cut off at the top. Default 0. */
  readonly cropTop?: number | null | undefined;
  /** How high it is said to have been. Default: the image’s height. */
  readonly originalHeight?: number | null | undefined;
  /** How wide it is said to have been. Default: the image’s width. */
  readonly originalWidth?: number | null | undefined;
  /** How high it is said to be. Default: the image’s height. */
  readonly targetHeight?: number | null | undefined;
  /** How wide it is said to be. Default: the image’s width. */
  readonly targetWidth?: number | null | undefined;
};

/** What to look for: one of these. */
export type SimilarTo =
  {   /** A picture, brought to the checkpoint’s own size and encoded. In the spaces LATENT and EMBEDDING. */
  readonly image: Picture; readonly latentKey?: never; readonly text?: never; }
  |  { readonly image?: never;   /** The key of a stored latent. In every space where it has a place. */
  readonly latentKey: string; readonly text?: never; }
  |  { readonly image?: never; readonly latentKey?: never;   /** A text, as a prompt is. In the spaces PROMPT and EMBEDDING. */
  readonly text: string; };

/** What is compared. Similarities of different spaces have nothing to do with each other. */
export type SimilaritySpace =
  /** The shared encoding of texts and images: near is what shows the same. */
  | 'EMBEDDING'
  /** The latent codes themselves: near is what looks alike in the same places. */
  | 'LATENT'
  /** The text encodings of the prompts: near is what was asked for in like words. */
  | 'PROMPT';

/** A part of a generation’s work. */
export type Stage =
  /** The autoencoder’s decoder. */
  | 'DECODE'
  /** The UNet, all steps. */
  | 'DENOISE'
  /** The embedder, which finds a latent’s place in the space that texts and images share. */
  | 'EMBED'
  /** The autoencoder’s encoder, where a picture is the start. */
  | 'IMAGE_ENCODE'
  /** Waiting for a backend, and for its turn there. */
  | 'QUEUE'
  /** The discriminator, which says whether the images look like the data. */
  | 'SCORE'
  /** Keeping latents and images. */
  | 'STORE'
  /** The text encoder. */
  | 'TEXT_ENCODE';

/** Where denoising starts: from one of these. */
export type StartFrom =
  {   /** A picture. It is brought to the image’s width and height, as diffusers does it, and each image draws its latent, by its own seed, from those that the picture may have. */
  readonly image: Picture; readonly latentKey?: never; }
  |  { readonly image?: never;   /** The key of a stored latent, which is taken as it is: it must be of the same checkpoint and fit the image’s width and height. */
  readonly latentKey: string; };

/** Image to image: what to start from instead of noise alone, and how much of it to do anew. */
export type StartInput = {
  /** What to start from. */
  readonly from: StartFrom;
  /** As in diffusers’ image to image, from 0 (the start as it is) to 1 (hardly anything of it): the last ⌊steps × strength⌋ steps are done, at least one. */
  readonly strength?: number;
};

export type BrowserDecoderQueryVariables = Exact<{
  checkpoint?: string | null | undefined;
}>;


export type BrowserDecoderQuery = { readonly checkpoint: { readonly digest: string, readonly decoder: { readonly configUrl: string, readonly weightsUrl: string, readonly bytes: number } | null } | null };

export type BrowserFilesQueryVariables = Exact<{
  checkpoint?: string | null | undefined;
}>;


export type BrowserFilesQuery = { readonly checkpoint: { readonly digest: string, readonly browser: { readonly files: ReadonlyArray<{ readonly path: string, readonly url: string, readonly bytes: number }> } | null } | null };

export type LatentFileQueryVariables = Exact<{
  key: string;
}>;


export type LatentFileQuery = { readonly latent: { readonly url: string, readonly checkpointDigest: string } | null };

export type CheckpointsQueryVariables = Exact<{ [key: string]: never; }>;


export type CheckpointsQuery = { readonly checkpoints: ReadonlyArray<CheckpointFragment> | null };

export type CheckpointQueryVariables = Exact<{
  name?: string | null | undefined;
}>;


export type CheckpointQuery = { readonly checkpoint: CheckpointFragment | null };

export type VocabularyQueryVariables = Exact<{
  checkpoint?: string | null | undefined;
  search?: string | null | undefined;
  kind?: string | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type VocabularyQuery = { readonly checkpoint: { readonly vocabulary: { readonly totalCount: number, readonly edges: ReadonlyArray<{ readonly node: { readonly phrase: string, readonly kind: string, readonly also: ReadonlyArray<string> } }>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } } | null } | null };

export type ReuseFragment = { readonly kind: ReusePolicy, readonly skippedSteps: number, readonly ofSteps: number, readonly skippedTextEncoding: boolean, readonly skippedDecoding: boolean, readonly similarity: number | null, readonly source: { readonly key: string, readonly generation: { readonly id: string } | null } | null };

export type ScoreFragment = { readonly score: number, readonly real: boolean };

export type ImageFragment = { readonly id: string, readonly width: number, readonly height: number, readonly seed: number | null, readonly url: string, readonly webpUrl: string, readonly jpegUrl: string, readonly latent: { readonly key: string, readonly url: string, readonly shape: ReadonlyArray<number> } | null, readonly score: ScoreFragment | null, readonly reuse: ReuseFragment | null };

export type LatentFragment = { readonly id: string, readonly key: string, readonly digest: string, readonly shape: ReadonlyArray<number>, readonly dtype: string, readonly bytes: number, readonly checkpointDigest: string, readonly url: string, readonly createdAt: string };

export type PromptReportFragment = { readonly allowed: boolean, readonly tokens: ReadonlyArray<string>, readonly tokenIds: ReadonlyArray<number>, readonly truncated: boolean, readonly unknownWords: ReadonlyArray<{ readonly word: string, readonly start: number, readonly end: number, readonly suggestions: ReadonlyArray<string> }>, readonly errors: ReadonlyArray<{ readonly path: ReadonlyArray<string>, readonly message: string }> };

export type FailureFragment = { readonly code: ErrorCode, readonly message: string, readonly stage: Stage | null, readonly retryable: boolean };

export type ProgressFragment = { readonly step: number, readonly steps: number, readonly fraction: number, readonly queuePosition: number | null, readonly etaMs: number | null };

export type GenerationFragment = { readonly id: string, readonly status: GenerationStatus, readonly prompt: string, readonly negativePrompt: string, readonly createdAt: string, readonly finishedAt: string | null, readonly progress: ProgressFragment, readonly preview: { readonly step: number, readonly dataUri: string } | null, readonly parameters: { readonly checkpoint: string, readonly width: number, readonly height: number, readonly steps: number, readonly guidanceScale: number, readonly guidanceRescale: number, readonly eta: number, readonly clipSkip: number | null, readonly scheduler: Scheduler, readonly seed: number, readonly count: number, readonly keep: number | null, readonly startLatentKey: string | null, readonly strength: number | null, readonly reuse: ReusePolicy, readonly score: boolean }, readonly images: ReadonlyArray<ImageFragment>, readonly failure: FailureFragment | null, readonly reuse: ReuseFragment | null, readonly timings: ReadonlyArray<{ readonly stage: Stage, readonly ms: number, readonly backend: string | null, readonly cached: boolean }>, readonly record: { readonly checkpointDigest: string, readonly tokenIds: ReadonlyArray<number>, readonly negativeTokenIds: ReadonlyArray<number>, readonly seed: number, readonly noise: string, readonly scheduler: string, readonly dtype: string, readonly executionProvider: string, readonly runtime: string, readonly darkroom: string, readonly kinds: ReadonlyArray<string> } | null, readonly report: PromptReportFragment };

export type ContactSheetFragment = { readonly id: string, readonly status: GenerationStatus, readonly createdAt: string, readonly finishedAt: string | null, readonly progress: ProgressFragment, readonly image: { readonly id: string, readonly width: number, readonly height: number, readonly url: string, readonly webpUrl: string, readonly jpegUrl: string } | null, readonly cells: ReadonlyArray<ReadonlyArray<{ readonly id: string, readonly status: GenerationStatus, readonly prompt: string, readonly parameters: { readonly seed: number, readonly steps: number, readonly guidanceScale: number, readonly scheduler: Scheduler, readonly strength: number | null } }>>, readonly failure: FailureFragment | null };

export type CheckpointFragment = { readonly id: string, readonly name: string, readonly digest: string, readonly default: boolean, readonly parameterCount: number, readonly bytes: number | null, readonly memoryBytes: number | null, readonly loaded: boolean | null, readonly maxTokens: number, readonly latentShape: ReadonlyArray<number>, readonly schedulers: ReadonlyArray<Scheduler>, readonly spaces: ReadonlyArray<SimilaritySpace>, readonly discriminator: boolean, readonly defaults: { readonly width: number, readonly height: number, readonly steps: number, readonly guidanceScale: number, readonly scheduler: Scheduler }, readonly limits: { readonly maxSteps: number, readonly maxWidth: number, readonly maxHeight: number, readonly multipleOf: number, readonly maxCount: number, readonly maxPromptCharacters: number } };

export type NeighboursFragment = { readonly edges: ReadonlyArray<{ readonly similarity: number, readonly node: (
      { readonly image: ImageFragment | null, readonly generation: { readonly id: string, readonly prompt: string } | null }
      & LatentFragment
    ) }>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } };

type Refusal_Failure_Fragment = { readonly __typename: 'Failure', readonly code: ErrorCode, readonly message: string };

type Refusal_InputError_Fragment = { readonly __typename: 'InputError', readonly code: ErrorCode, readonly message: string, readonly issues: ReadonlyArray<{ readonly path: ReadonlyArray<string>, readonly message: string }> };

type Refusal_PromptError_Fragment = { readonly __typename: 'PromptError', readonly code: ErrorCode, readonly message: string, readonly report: PromptReportFragment };

type Refusal_RequestError_Fragment = { readonly __typename: 'RequestError', readonly code: ErrorCode, readonly message: string };

type Refusal_RetryLaterError_Fragment = { readonly __typename: 'RetryLaterError', readonly retryAfterMs: number, readonly code: ErrorCode, readonly message: string };

export type RefusalFragment =
  | Refusal_Failure_Fragment
  | Refusal_InputError_Fragment
  | Refusal_PromptError_Fragment
  | Refusal_RequestError_Fragment
  | Refusal_RetryLaterError_Fragment
;

export type GenerateMutationVariables = Exact<{
  input: GenerateInput;
}>;


export type GenerateMutation = { readonly generate:
    | { readonly __typename: 'GenerateSuccess', readonly replayed: boolean, readonly generation: GenerationFragment }
    | Refusal_InputError_Fragment
    | Refusal_PromptError_Fragment
    | Refusal_RequestError_Fragment
    | Refusal_RetryLaterError_Fragment
   | null };

export type GenerationQueryVariables = Exact<{
  id: string;
}>;


export type GenerationQuery = { readonly generation: GenerationFragment | null };

export type WatchGenerationSubscriptionVariables = Exact<{
  id: string;
}>;


export type WatchGenerationSubscription = { readonly generation: GenerationFragment | null };

export type GenerationsQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
  status?: ReadonlyArray<GenerationStatus> | GenerationStatus | null | undefined;
}>;


export type GenerationsQuery = { readonly generations: { readonly totalCount: number, readonly edges: ReadonlyArray<{ readonly node: GenerationFragment }>, readonly pageInfo: { readonly hasNextPage: boolean, readonly hasPreviousPage: boolean, readonly startCursor: string | null, readonly endCursor: string | null } } | null };

export type CancelMutationVariables = Exact<{
  id: string;
}>;


export type CancelMutation = { readonly cancelGeneration:
    | (
      { readonly __typename: 'ContactSheet' }
      & ContactSheetFragment
    )
    | (
      { readonly __typename: 'Generation' }
      & GenerationFragment
    )
    | Refusal_RequestError_Fragment
   | null };

export type DeleteGenerationMutationVariables = Exact<{
  id: string;
}>;


export type DeleteGenerationMutation = { readonly deleteGeneration:
    | { readonly __typename: 'Deleted', readonly id: string }
    | Refusal_RequestError_Fragment
   | null };

export type ContactSheetMutationVariables = Exact<{
  input: ContactSheetInput;
}>;


export type ContactSheetMutation = { readonly contactSheet:
    | (
      { readonly __typename: 'ContactSheet' }
      & ContactSheetFragment
    )
    | Refusal_InputError_Fragment
    | Refusal_PromptError_Fragment
    | Refusal_RequestError_Fragment
    | Refusal_RetryLaterError_Fragment
   | null };

export type ContactSheetByIdQueryVariables = Exact<{
  id: string;
}>;


export type ContactSheetByIdQuery = { readonly node:
    | (
      { readonly __typename: 'ContactSheet' }
      & ContactSheetFragment
    )
    | Record<PropertyKey, never>
   | null };

export type CheckPromptQueryVariables = Exact<{
  prompt: string;
  negativePrompt?: string | null | undefined;
  checkpoint?: string | null | undefined;
}>;


export type CheckPromptQuery = { readonly checkPrompt: PromptReportFragment | null };

export type EncodeImageMutationVariables = Exact<{
  input: EncodeImageInput;
}>;


export type EncodeImageMutation = { readonly encodeImage:
    | { readonly __typename: 'EncodeImageSuccess', readonly latent: LatentFragment }
    | Refusal_InputError_Fragment
    | Refusal_RequestError_Fragment
    | Refusal_RetryLaterError_Fragment
   | null };

export type InterpolateMutationVariables = Exact<{
  input: InterpolateInput;
}>;


export type InterpolateMutation = { readonly interpolate:
    | Refusal_InputError_Fragment
    | { readonly __typename: 'Interpolation', readonly images: ReadonlyArray<ImageFragment> }
    | Refusal_RequestError_Fragment
    | Refusal_RetryLaterError_Fragment
   | null };

export type ReconstructMutationVariables = Exact<{
  input: ReconstructInput;
}>;


export type ReconstructMutation = { readonly reconstruct:
    | Refusal_InputError_Fragment
    | { readonly __typename: 'Reconstruction', readonly mse: number, readonly psnr: number, readonly outlierScore: number | null, readonly outlier: boolean | null, readonly bitsPerPixelIn: number, readonly bitsPerPixelLatent: number, readonly image: ImageFragment, readonly latent: LatentFragment }
    | Refusal_RequestError_Fragment
    | Refusal_RetryLaterError_Fragment
   | null };

export type CompressMutationVariables = Exact<{
  input: CompressInput;
}>;


export type CompressMutation = { readonly compress:
    | { readonly __typename: 'Compression', readonly bytes: number, readonly bitsPerPixel: number, readonly psnr: number, readonly url: string, readonly image: ImageFragment, readonly latent: LatentFragment, readonly rivals: ReadonlyArray<{ readonly codec: string, readonly quality: number, readonly bytes: number, readonly psnr: number }> }
    | Refusal_InputError_Fragment
    | Refusal_RequestError_Fragment
    | Refusal_RetryLaterError_Fragment
   | null };

export type RandomImageMutationVariables = Exact<{
  input: RandomImageInput;
}>;


export type RandomImageMutation = { readonly randomImage:
    | Refusal_InputError_Fragment
    | { readonly __typename: 'RandomImageSuccess', readonly seed: number, readonly image: ImageFragment }
    | Refusal_RequestError_Fragment
    | Refusal_RetryLaterError_Fragment
   | null };

export type DiscriminateMutationVariables = Exact<{
  input: DiscriminateInput;
}>;


export type DiscriminateMutation = { readonly discriminate:
    | Refusal_InputError_Fragment
    | Refusal_RequestError_Fragment
    | Refusal_RetryLaterError_Fragment
    | (
      { readonly __typename: 'Score' }
      & ScoreFragment
    )
   | null };

export type ClassifyMutationVariables = Exact<{
  input: ClassifyInput;
}>;


export type ClassifyMutation = { readonly classify:
    | { readonly __typename: 'Classifications', readonly classes: ReadonlyArray<{ readonly label: string, readonly probability: number, readonly similarity: number }> }
    | Refusal_InputError_Fragment
    | Refusal_RequestError_Fragment
    | Refusal_RetryLaterError_Fragment
   | null };

export type EmbedMutationVariables = Exact<{
  input: EmbedInput;
}>;


export type EmbedMutation = { readonly embed:
    | { readonly __typename: 'Embeddings', readonly dimensions: number, readonly url: string, readonly vectors: ReadonlyArray<ReadonlyArray<number>> | null }
    | Refusal_InputError_Fragment
    | Refusal_RequestError_Fragment
    | Refusal_RetryLaterError_Fragment
   | null };

export type LatentQueryVariables = Exact<{
  key: string;
}>;


export type LatentQuery = { readonly latent: (
    { readonly image: ImageFragment | null, readonly generation: { readonly id: string, readonly prompt: string } | null }
    & LatentFragment
  ) | null };

export type LatentsQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
  checkpoint?: string | null | undefined;
}>;


export type LatentsQuery = { readonly latents: { readonly totalCount: number, readonly edges: ReadonlyArray<{ readonly node: (
        { readonly generation: { readonly id: string, readonly prompt: string } | null }
        & LatentFragment
      ) }>, readonly pageInfo: { readonly hasNextPage: boolean, readonly hasPreviousPage: boolean, readonly startCursor: string | null, readonly endCursor: string | null } } | null };

export type DeleteLatentMutationVariables = Exact<{
  key: string;
}>;


export type DeleteLatentMutation = { readonly deleteLatent:
    | { readonly __typename: 'DeletedLatent', readonly key: string }
    | Refusal_RequestError_Fragment
   | null };

export type SimilarQueryVariables = Exact<{
  to: SimilarTo;
  space: SimilaritySpace;
  minSimilarity?: number | null | undefined;
  checkpoint?: string | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type SimilarQuery = { readonly similar: NeighboursFragment | null };

export type SimilarityQueryVariables = Exact<{
  aKey: string;
  bKey: string;
}>;


export type SimilarityQuery = { readonly similarity: { readonly latent: number | null, readonly embedding: number | null, readonly prompt: number | null, readonly distance: number | null } | null };


const ReuseFragment = 'fragment Reuse on Reuse{kind skippedSteps ofSteps skippedTextEncoding skippedDecoding similarity source{key generation{id}}}';
const ScoreFragment = 'fragment Score on Score{score real}';
const ImageFragment = 'fragment Image on Image{id width height seed url webpUrl:url(format:WEBP)jpegUrl:url(format:JPEG)latent{key url shape}score{...Score}reuse{...Reuse}}';
const LatentFragment = 'fragment Latent on Latent{id key digest shape dtype bytes checkpointDigest url createdAt}';
const PromptReportFragment = 'fragment PromptReport on PromptReport{allowed tokens tokenIds truncated unknownWords{word start end suggestions}errors{path message}}';
const FailureFragment = 'fragment Failure on Failure{code message stage retryable}';
const ProgressFragment = 'fragment Progress on Progress{step steps fraction queuePosition etaMs}';
const GenerationFragment = 'fragment Generation on Generation{id status prompt negativePrompt createdAt finishedAt progress{...Progress}preview{step dataUri}parameters{checkpoint width height steps guidanceScale guidanceRescale eta clipSkip scheduler seed count keep startLatentKey strength reuse score}images{...Image}failure{...Failure}reuse{...Reuse}timings{stage ms backend cached}record{checkpointDigest tokenIds negativeTokenIds seed noise scheduler dtype executionProvider runtime darkroom kinds}report{...PromptReport}}';
const ContactSheetFragment = 'fragment ContactSheet on ContactSheet{id status createdAt finishedAt progress{...Progress}image{id width height url webpUrl:url(format:WEBP)jpegUrl:url(format:JPEG)}cells{id status prompt parameters{seed steps guidanceScale scheduler strength}}failure{...Failure}}';
const CheckpointFragment = 'fragment Checkpoint on Checkpoint{id name digest default parameterCount bytes memoryBytes loaded maxTokens latentShape schedulers spaces discriminator defaults{width height steps guidanceScale scheduler}limits{maxSteps maxWidth maxHeight multipleOf maxCount maxPromptCharacters}}';
const NeighboursFragment = 'fragment Neighbours on SimilarConnection{edges{similarity node{...Latent image{...Image}generation{id prompt}}}pageInfo{hasNextPage endCursor}}';
const RefusalFragment = 'fragment Refusal on Error{__typename code message ...on PromptError{report{...PromptReport}}...on InputError{issues{path message}}...on RetryLaterError{retryAfterMs}}';
export const BrowserDecoderDocument = ('query BrowserDecoder($checkpoint:String){checkpoint(name:$checkpoint){digest decoder{configUrl weightsUrl bytes}}}') as TypedDocument<BrowserDecoderQuery, BrowserDecoderQueryVariables>;
export const BrowserFilesDocument = ('query BrowserFiles($checkpoint:String){checkpoint(name:$checkpoint){digest browser{files{path url bytes}}}}') as TypedDocument<BrowserFilesQuery, BrowserFilesQueryVariables>;
export const LatentFileDocument = ('query LatentFile($key:String!){latent(key:$key){url checkpointDigest}}') as TypedDocument<LatentFileQuery, LatentFileQueryVariables>;
export const CheckpointsDocument = ('query Checkpoints{checkpoints{...Checkpoint}}' + CheckpointFragment) as TypedDocument<CheckpointsQuery, CheckpointsQueryVariables>;
export const CheckpointDocument = ('query Checkpoint($name:String){checkpoint(name:$name){...Checkpoint}}' + CheckpointFragment) as TypedDocument<CheckpointQuery, CheckpointQueryVariables>;
export const VocabularyDocument = ('query Vocabulary($checkpoint:String$search:String$kind:String$first:Int$after:String){checkpoint(name:$checkpoint){vocabulary(search:$search kind:$kind first:$first after:$after){totalCount edges{node{phrase kind also}}pageInfo{hasNextPage endCursor}}}}') as TypedDocument<VocabularyQuery, VocabularyQueryVariables>;
export const GenerateDocument = ('mutation Generate($input:GenerateInput!){generate(input:$input){...on GenerateSuccess{__typename generation{...Generation}replayed}...Refusal}}' + ReuseFragment + ScoreFragment + ImageFragment + PromptReportFragment + FailureFragment + ProgressFragment + GenerationFragment + RefusalFragment) as TypedDocument<GenerateMutation, GenerateMutationVariables>;
export const GenerationDocument = ('query Generation($id:ID!){generation(id:$id){...Generation}}' + ReuseFragment + ScoreFragment + ImageFragment + PromptReportFragment + FailureFragment + ProgressFragment + GenerationFragment) as TypedDocument<GenerationQuery, GenerationQueryVariables>;
export const WatchGenerationDocument = ('subscription WatchGeneration($id:ID!){generation(id:$id){...Generation}}' + ReuseFragment + ScoreFragment + ImageFragment + PromptReportFragment + FailureFragment + ProgressFragment + GenerationFragment) as TypedDocument<WatchGenerationSubscription, WatchGenerationSubscriptionVariables>;
export const GenerationsDocument = ('query Generations($first:Int$after:String$last:Int$before:String$status:[GenerationStatus!]){generations(first:$first after:$after last:$last before:$before status:$status){totalCount edges{node{...Generation}}pageInfo{hasNextPage hasPreviousPage startCursor endCursor}}}' + ReuseFragment + ScoreFragment + ImageFragment + PromptReportFragment + FailureFragment + ProgressFragment + GenerationFragment) as TypedDocument<GenerationsQuery, GenerationsQueryVariables>;
export const CancelDocument = ('mutation Cancel($id:ID!){cancelGeneration(id:$id){...on Generation{__typename ...Generation}...on ContactSheet{__typename ...ContactSheet}...Refusal}}' + ReuseFragment + ScoreFragment + ImageFragment + PromptReportFragment + FailureFragment + ProgressFragment + GenerationFragment + ContactSheetFragment + RefusalFragment) as TypedDocument<CancelMutation, CancelMutationVariables>;
export const DeleteGenerationDocument = ('mutation DeleteGeneration($id:ID!){deleteGeneration(id:$id){...on Deleted{__typename id}...Refusal}}' + PromptReportFragment + RefusalFragment) as TypedDocument<DeleteGenerationMutation, DeleteGenerationMutationVariables>;
export const ContactSheetDocument = ('mutation ContactSheet($input:ContactSheetInput!){contactSheet(input:$input){...on ContactSheet{__typename ...ContactSheet}...Refusal}}' + PromptReportFragment + FailureFragment + ProgressFragment + ContactSheetFragment + RefusalFragment) as TypedDocument<ContactSheetMutation, ContactSheetMutationVariables>;
export const ContactSheetByIdDocument = ('query ContactSheetById($id:ID!){node(id:$id){...on ContactSheet{__typename ...ContactSheet}}}' + FailureFragment + ProgressFragment + ContactSheetFragment) as TypedDocument<ContactSheetByIdQuery, ContactSheetByIdQueryVariables>;
export const CheckPromptDocument = ('query CheckPrompt($prompt:String!$negativePrompt:String$checkpoint:String){checkPrompt(prompt:$prompt negativePrompt:$negativePrompt checkpoint:$checkpoint){...PromptReport}}' + PromptReportFragment) as TypedDocument<CheckPromptQuery, CheckPromptQueryVariables>;
export const EncodeImageDocument = ('mutation EncodeImage($input:EncodeImageInput!){encodeImage(input:$input){...on EncodeImageSuccess{__typename latent{...Latent}}...Refusal}}' + LatentFragment + PromptReportFragment + RefusalFragment) as TypedDocument<EncodeImageMutation, EncodeImageMutationVariables>;
export const InterpolateDocument = ('mutation Interpolate($input:InterpolateInput!){interpolate(input:$input){...on Interpolation{__typename images{...Image}}...Refusal}}' + ReuseFragment + ScoreFragment + ImageFragment + PromptReportFragment + RefusalFragment) as TypedDocument<InterpolateMutation, InterpolateMutationVariables>;
export const ReconstructDocument = ('mutation Reconstruct($input:ReconstructInput!){reconstruct(input:$input){...on Reconstruction{__typename image{...Image}latent{...Latent}mse psnr outlierScore outlier bitsPerPixelIn bitsPerPixelLatent}...Refusal}}' + ReuseFragment + ScoreFragment + ImageFragment + LatentFragment + PromptReportFragment + RefusalFragment) as TypedDocument<ReconstructMutation, ReconstructMutationVariables>;
export const CompressDocument = ('mutation Compress($input:CompressInput!){compress(input:$input){...on Compression{__typename image{...Image}latent{...Latent}bytes bitsPerPixel psnr url rivals{codec quality bytes psnr}}...Refusal}}' + ReuseFragment + ScoreFragment + ImageFragment + LatentFragment + PromptReportFragment + RefusalFragment) as TypedDocument<CompressMutation, CompressMutationVariables>;
export const RandomImageDocument = ('mutation RandomImage($input:RandomImageInput!){randomImage(input:$input){...on RandomImageSuccess{__typename image{...Image}seed}...Refusal}}' + ReuseFragment + ScoreFragment + ImageFragment + PromptReportFragment + RefusalFragment) as TypedDocument<RandomImageMutation, RandomImageMutationVariables>;
export const DiscriminateDocument = ('mutation Discriminate($input:DiscriminateInput!){discriminate(input:$input){...on Score{__typename ...Score}...Refusal}}' + ScoreFragment + PromptReportFragment + RefusalFragment) as TypedDocument<DiscriminateMutation, DiscriminateMutationVariables>;
export const ClassifyDocument = ('mutation Classify($input:ClassifyInput!){classify(input:$input){...on Classifications{__typename classes{label probability similarity}}...Refusal}}' + PromptReportFragment + RefusalFragment) as TypedDocument<ClassifyMutation, ClassifyMutationVariables>;
export const EmbedDocument = ('mutation Embed($input:EmbedInput!){embed(input:$input){...on Embeddings{__typename dimensions url vectors}...Refusal}}' + PromptReportFragment + RefusalFragment) as TypedDocument<EmbedMutation, EmbedMutationVariables>;
export const LatentDocument = ('query Latent($key:String!){latent(key:$key){...Latent image{...Image}generation{id prompt}}}' + ReuseFragment + ScoreFragment + ImageFragment + LatentFragment) as TypedDocument<LatentQuery, LatentQueryVariables>;
export const LatentsDocument = ('query Latents($first:Int$after:String$last:Int$before:String$checkpoint:String){latents(first:$first after:$after last:$last before:$before checkpoint:$checkpoint){totalCount edges{node{...Latent generation{id prompt}}}pageInfo{hasNextPage hasPreviousPage startCursor endCursor}}}' + LatentFragment) as TypedDocument<LatentsQuery, LatentsQueryVariables>;
export const DeleteLatentDocument = ('mutation DeleteLatent($key:String!){deleteLatent(key:$key){...on DeletedLatent{__typename key}...Refusal}}' + PromptReportFragment + RefusalFragment) as TypedDocument<DeleteLatentMutation, DeleteLatentMutationVariables>;
export const SimilarDocument = ('query Similar($to:SimilarTo!$space:SimilaritySpace!$minSimilarity:Float$checkpoint:String$first:Int$after:String){similar(to:$to space:$space minSimilarity:$minSimilarity checkpoint:$checkpoint first:$first after:$after){...Neighbours}}' + ReuseFragment + ScoreFragment + ImageFragment + LatentFragment + NeighboursFragment) as TypedDocument<SimilarQuery, SimilarQueryVariables>;
export const SimilarityDocument = ('query Similarity($aKey:String!$bKey:String!){similarity(aKey:$aKey bKey:$bKey){latent embedding prompt distance}}') as TypedDocument<SimilarityQuery, SimilarityQueryVariables>;
