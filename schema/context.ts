/**
 * What resolvers see of the edge. `schema/` reaches no binding: the worker implements these services with R2, D1, KV
 * and Durable Objects and hands them in with every request.
 */
import type { Pixels } from '../models/fit.ts';
import type { FloatTensor } from '../models/runtime.ts';
import type { CheckpointCard } from '../wire/card.ts';
import type { ContactSheetService } from './contact-sheet-service.ts';
import type { LaboratoryService } from './laboratory-service.ts';
import type { SimilarityService } from './similarity-service.ts';

export type { Pixels } from '../models/fit.ts';

export interface SchemaContext {
  readonly services: Services;
}

export interface Services {
  readonly checkpoints: CheckpointService;
  readonly checkpointFiles: CheckpointFileService;
  readonly prompts: PromptService;
  readonly generations: GenerationService;
  readonly contactSheets: ContactSheetService;
  readonly latents: LatentService;
  readonly images: ImageService;
  readonly starts: StartService;
  readonly similarity: SimilarityService;
  readonly laboratory: LaboratoryService;
}

export interface CheckpointService {
  /**
   * Cards of the checkpoints that the backends have, the default one first where it is among them. What a backend had
   * when it was last seen stays until every backend has answered and none named it.
   * @throws RetryLater when no checkpoint is known and no backend answers
   */
  list(): Promise<readonly CheckpointCard[]>;
  /**
   * By name, or the default one. Null for a name that is none of theirs, the configured default's included: another
   * checkpoint never stands in for it.
   * @throws RetryLater when no checkpoint is known and no backend answers
   */
  find(name: string | null): Promise<CheckpointCard | null>;
  findByDigest(digest: string): Promise<CheckpointCard | null>;
  /** Digests of those that a backend has in memory at this moment; null when none answers. */
  loaded(): Promise<ReadonlySet<string> | null>;
  /** What the default one was configured to be; null: the first of the first backend. */
  readonly defaultName: string | null;
}

export interface CheckpointFileService {
  /** Absolute address of a file that the checkpoint's card lists for browsers, with a token that cannot be guessed. */
  url(digest: string, path: string): Promise<string>;
}

export interface PromptService {
  /** What the server makes of a prompt. Never throws for a bad prompt: `allowed` and `errors` say so. */
  check(card: CheckpointCard, prompt: string, negativePrompt: string): PromptReport;
  /** The most characters a prompt may have. */
  readonly maxCharacters: number;
}

export interface GenerationService {
  /**
   * Stores the generation; its work begins when it is its turn. Answers once it is on disk.
   * @throws RetryLater QUEUE_FULL; RequestError NOT_FOUND, IDEMPOTENCY_CONFLICT
   */
  create(request: GenerationRequest): Promise<CreatedGeneration>;
  /** Whether the server can tell others of an end: it needs a secret to sign with. */
  readonly takesWebhooks: boolean;
  /**
   * What is wrong with an address that is to be told of the end, in words for the caller; null where nothing is. The
   * words must not quote it in full: it may hold a password.
   */
  webhookIssue(address: string): string | null;
  find(id: string): Promise<GenerationState | null>;
  /** Those that there are, by their ids, in one query. */
  findMany(ids: readonly string[]): Promise<ReadonlyMap<string, GenerationState>>;
  /** Whether a text has the form of an id; there may be no such generation. */
  isId(text: string): boolean;
  /** Stops it; one that has ended is left as it is. @returns its state, null where there is none */
  cancel(id: string): Promise<GenerationState | null>;
  /**
   * The newest state, as soon as it is newer than version `seen`, or after a while; 0 has seen none. Who missed some is
   * right again after the next.
   * @returns null where there is none, or none any more
   */
  watch(id: string, seen: number): Promise<WatchedGeneration | null>;
  /** Removes it, and what nobody else holds; one that runs is stopped. @returns whether there was one */
  delete(id: string): Promise<boolean>;
  /** Answers when the generation ends or after `milliseconds`, with its newest state. */
  wait(id: string, milliseconds: number): Promise<GenerationState | null>;
  /**
   * Newest first; oldest first with `reverse`. `after` and `before` are ids of generations: only what lies, in the
   * newest-first order, strictly after the one and before the other. The caller asks for one more than it shows, to
   * know whether there is a further page.
   */
  list(page: {
    status: readonly GenerationStatus[] | null;
    limit: number;
    after: string | null;
    before: string | null;
    reverse: boolean;
  }): Promise<readonly GenerationState[]>;
  count(status: readonly GenerationStatus[] | null): Promise<number>;
}

export interface LatentService {
  find(key: string): Promise<LatentState | null>;
  /** Those that there are, by their keys, in one query. */
  findMany(keys: readonly string[]): Promise<ReadonlyMap<string, LatentState>>;
  /** Newest first; oldest first with `reverse`. The caller asks for one more than it shows. */
  list(page: LatentPage): Promise<readonly LatentState[]>;
  count(checkpointDigest: string | null): Promise<number>;
  /** Absolute address of its `.safetensors` file, with a token that cannot be guessed. */
  url(key: string): Promise<string>;
  /** HELD: a kept generation has it, and nothing is removed. */
  delete(key: string): Promise<'DELETED' | 'HELD' | 'UNKNOWN'>;
  /** The picture of a latent, decoded by a backend where nobody has looked at it yet. @throws RetryLater */
  image(latent: LatentState): Promise<ImageState>;
}

export interface LatentPage {
  /** Only those of one checkpoint. */
  readonly checkpointDigest: string | null;
  readonly limit: number;
  /** Only what lies, in the newest-first order, strictly after the one and before the other. */
  readonly after: LatentPlace | null;
  readonly before: LatentPlace | null;
  readonly reverse: boolean;
}

/** A latent's place among all, whether it is still there or not. */
export interface LatentPlace {
  readonly createdAt: string;
  readonly key: string;
}

export interface StartService {
  /**
   * Reads what a generation is to start from; nothing is stored yet.
   * @param path of `source` in the input
   * @throws InputError for what cannot be read or does not fit, RequestError NOT_FOUND, RetryLater
   */
  read(
    source: StartSource,
    card: CheckpointCard,
    size: { readonly width: number; readonly height: number },
    path: readonly string[],
  ): Promise<ReadStart>;
}

/** One of the two. */
export interface StartSource {
  readonly image?: ImageSource | null | undefined;
  readonly latentKey?: string | null | undefined;
}

/** A picture that a caller names or sends, in one of these ways. */
export interface ImageSource {
  readonly file?: Blob | null | undefined;
  /** Base64 or a `data:` URI. */
  readonly data?: string | null | undefined;
  readonly latentKey?: string | null | undefined;
}

export interface ReadStart extends Omit<GenerationStart, 'strength'> {
  readonly content: StartContent | null;
}

/** What is to be stored before the work begins; null where it is. */
export type StartContent =
  | { readonly kind: 'PIXELS'; readonly pixels: Pixels; readonly digest: string }
  | { readonly kind: 'LATENT'; readonly latent: FloatTensor };

export interface ImageService {
  find(id: string): Promise<ImageState | null>;
  url(image: ImageState, format: ImageFormat): Promise<string>;
  dataUri(image: ImageState, format: ImageFormat): Promise<string>;
}

export type ImageFormat = 'PNG' | 'WEBP' | 'JPEG';
export type GenerationStatus =
  | 'QUEUED'
  | 'ENCODING'
  | 'DENOISING'
  | 'DECODING'
  | 'SCORING'
  | 'SUCCEEDED'
  | 'FAILED'
  | 'CANCELLED';
export type Stage = 'QUEUE' | 'TEXT_ENCODE' | 'IMAGE_ENCODE' | 'DENOISE' | 'DECODE' | 'EMBED' | 'SCORE' | 'STORE';

export interface CreatedGeneration {
  readonly state: GenerationState;
  /** Whether an earlier request with the same idempotency key had made it. */
  readonly replayed: boolean;
}

export interface WatchedGeneration {
  readonly state: GenerationState;
  /** Grows with every change, and after a restart of the server too. */
  readonly version: number;
}

/** A validated `GenerateInput`: every default filled in, the seed drawn, the prompt's report attached. */
export interface GenerationRequest {
  readonly card: CheckpointCard;
  readonly prompt: string;
  readonly negativePrompt: string;
  readonly report: PromptReport;
  readonly parameters: GenerationParameters;
  /** What is to be stored before the work begins. */
  readonly startContent: StartContent | null;
  readonly idempotency: Idempotency | null;
  /** The address that is told of the end. */
  readonly webhook: string | null;
}

export interface Idempotency {
  readonly key: string;
  /** Whatever differs between two inputs that ask for different things; the same for two that ask for the same. */
  readonly input: string;
}

export interface GenerationParameters {
  readonly checkpoint: string;
  readonly width: number;
  readonly height: number;
  readonly steps: number;
  readonly guidanceScale: number;
  readonly guidanceRescale: number;
  readonly eta: number;
  readonly clipSkip: number | null;
  readonly scheduler: string;
  /** 0 to 2^53 - 1. Image i of `count` uses seed + i. */
  readonly seed: number;
  /** Whether none was asked for: then another one may still take its place, as long as no image is begun. */
  readonly isSeedDrawn?: boolean;
  readonly count: number;
  /** How many images to keep, those with the best scores; null: all. Absent from generations of before there were scores. */
  readonly keep?: number | null;
  /** Whether the discriminator is asked. */
  readonly score?: boolean;
  /** Null: from noise. */
  readonly start: GenerationStart | null;
  /** What the UNet is told of sizes; null where it is told nothing. */
  readonly sdxl: SdxlSizes | null;
  /** Absent from generations of before there was a choice: everything was computed. */
  readonly reuse?: ReusePolicy;
}

/**
 * NONE computes everything. EXACT uses again what is the same to the byte. APPROXIMATE may also go on from the steps of a
 * similar prompt.
 */
export type ReusePolicy = 'NONE' | 'EXACT' | 'APPROXIMATE';

/** What denoising starts from. */
export interface GenerationStart {
  /** IMAGE: each image draws its latent, before any other noise, from those that the picture may have. */
  readonly from: 'IMAGE' | 'LATENT';
  /** Of a picture: that of its likeliest latent, which is kept once a backend has encoded it. */
  readonly latentKey: string;
  /** Above 0 to 1: the last ⌊steps × strength⌋ steps are done. */
  readonly strength: number;
}

/** Pixels. */
export interface SdxlSizes {
  readonly originalWidth: number;
  readonly originalHeight: number;
  readonly cropTop: number;
  readonly cropLeft: number;
  readonly targetWidth: number;
  readonly targetHeight: number;
}

/** How many steps each image takes: fewer where it starts from something. As diffusers counts them. */
export function stepsOf({ steps, start }: Pick<GenerationParameters, 'steps' | 'start'>): number {
  return start ? Math.floor(steps * start.strength) : steps;
}

export interface GenerationState {
  readonly id: string;
  readonly status: GenerationStatus;
  /** Denoising steps over all images; never goes down. */
  readonly step: number;
  readonly steps: number;
  readonly prompt: string;
  readonly negativePrompt: string;
  readonly report: PromptReport;
  readonly parameters: GenerationParameters;
  readonly images: readonly MadeImageState[];
  readonly timings: readonly StageTiming[];
  readonly record: GenerationRecord | null;
  readonly failure: Failure | null;
  /** Where it waits; null or absent where it does not, or where that is not known now. */
  readonly queuePosition?: number | null;
  /** Milliseconds until its end, as far as that can be told. */
  readonly etaMs?: number | null;
  /** Of the image that is being made; null or absent while there is none, and after the end. */
  readonly preview?: PreviewState | null;
  /** Absent where nobody is to be told of the end. */
  readonly webhookAttempts?: readonly WebhookAttempt[];
  /** RFC 3339, UTC. */
  readonly createdAt: string;
  readonly finishedAt: string | null;
}

export interface ImageState {
  /** Opaque, unique: the generation's id and the image's index, the latent's key, or how random pixels are drawn. */
  readonly id: string;
  /** Null for a picture that no generation made. */
  readonly generationId: string | null;
  readonly width: number;
  readonly height: number;
  readonly seed: number | null;
  /** Null for a picture that was never a latent. */
  readonly latentKey: string | null;
  /** Null or absent where the discriminator was not asked. */
  readonly score?: Score | null;
  /** Null or absent where that is not known. */
  readonly reuse?: ReuseState | null;
  /** What its first steps were taken from, however long ago; absent where all were its own. */
  readonly approximate?: { readonly latentKey: string; readonly step: number };
}

/** An image of a generation's. */
export interface MadeImageState extends ImageState {
  readonly latentKey: string;
}

export interface PreviewState {
  /** Of `GenerationState.steps`. */
  readonly step: number;
  /** A small PNG. */
  readonly dataUri: string;
}

export interface WebhookAttempt {
  /** RFC 3339, UTC. */
  readonly at: string;
  /** Of the answer; null where none came. */
  readonly status: number | null;
  /** Why it counts as not delivered; null for a delivery. */
  readonly error: string | null;
}

/** What was not computed again for an image. */
export interface ReuseState {
  readonly kind: ReusePolicy;
  readonly skippedSteps: number;
  readonly ofSteps: number;
  readonly skippedTextEncoding: boolean;
  readonly skippedDecoding: boolean;
  /** Key of the latent that the steps were taken from; null where none were. */
  readonly sourceKey: string | null;
  /** Of the prompts; null where it was the same one. */
  readonly similarity: number | null;
}

/** What a discriminator says of a picture: 0 to 1, and whether that is enough to look like the data. */
export interface Score {
  readonly score: number;
  readonly real: boolean;
}

export interface LatentState {
  readonly key: string;
  readonly digest: string;
  /** `[channels, height, width]` */
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly bytes: number;
  readonly checkpointDigest: string;
  readonly generationId: string | null;
  readonly createdAt: string;
  /** Whether its picture is kept. */
  readonly isDecoded: boolean;
}

export interface StageTiming {
  readonly stage: Stage;
  readonly ms: number;
  readonly backend: string | null;
  readonly cached: boolean;
}

export interface GenerationRecord {
  readonly checkpointDigest: string;
  readonly tokenIds: readonly number[];
  readonly negativeTokenIds: readonly number[];
  readonly seed: number;
  /** How the noise was drawn, e.g. `torch.randn (CPU generator)`. */
  readonly noise: string;
  /** The scheduler's full config as JSON. */
  readonly scheduler: string;
  readonly dtype: string;
  readonly executionProvider: string;
  readonly runtime: string;
  readonly darkroom: string;
  /** Every kind of backend that had a part in it, in the order of their parts. Absent where that was not noted. */
  readonly kinds?: readonly string[];
}

export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly stage: Stage | null;
  readonly retryable: boolean;
}

export type ErrorCode =
  | 'PROMPT_INVALID'
  | 'PROMPT_REFUSED'
  | 'INPUT_INVALID'
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'UNSUPPORTED'
  | 'QUOTA_EXCEEDED'
  | 'RATE_LIMITED'
  | 'QUEUE_FULL'
  | 'IDEMPOTENCY_CONFLICT'
  | 'BACKEND_UNAVAILABLE'
  | 'MODEL_FAILED'
  | 'TOO_COMPLEX'
  | 'INTERNAL';

export interface PromptReport {
  readonly allowed: boolean;
  /** PROMPT_REFUSED when the block list matched, PROMPT_INVALID for the other errors, null when allowed. */
  readonly code: 'PROMPT_INVALID' | 'PROMPT_REFUSED' | null;
  readonly tokens: readonly string[];
  readonly tokenIds: readonly number[];
  /** Padded to the tokenizers' length, one list per text encoder: what the model is given. */
  readonly modelTokenIds: readonly (readonly number[])[];
  readonly modelNegativeTokenIds: readonly (readonly number[])[];
  readonly truncated: boolean;
  readonly unknownWords: readonly UnknownWord[];
  readonly errors: readonly InputIssue[];
}

export interface UnknownWord {
  readonly word: string;
  /** UTF-16 units of the prompt. */
  readonly start: number;
  readonly end: number;
  readonly suggestions: readonly string[];
}

export interface InputIssue {
  readonly path: readonly string[];
  readonly message: string;
}

/** Thrown by services: becomes a RetryLaterError in result unions, a GraphQL error with `extensions.retryAfterMs` elsewhere. */
export class RetryLater extends Error {
  override readonly name = 'RetryLater';
  readonly code: ErrorCode;
  readonly retryAfterMs: number;
  constructor(code: ErrorCode, message: string, retryAfterMs: number) {
    super(message);
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}
