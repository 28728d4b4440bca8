import type { OutlierVerdict } from '../models/outlier.ts';
import type { FloatTensor } from '../models/runtime.ts';
import type { CheckpointCard } from '../wire/card.ts';
import type { ImageSource, ImageState, LatentState, Pixels, Score } from './context.ts';
import type { SimilaritySpace } from './similarity-service.ts';

/** What autoencoder, embedder and discriminator do with pictures, for somebody who waits. Nothing is denoised. */
export interface LaboratoryService {
  /**
   * Reads a picture and brings it to the checkpoint's own size. A latent that was sent in place of one is taken as it is.
   * @param path of the image in the input
   * @throws InputError for what cannot be read or does not fit, RequestError NOT_FOUND, RetryLater
   */
  read(image: ImageSource, card: CheckpointCard, path: readonly string[]): Promise<ReadImage>;
  /**
   * The same for what cannot do with a latent in a picture's place.
   * @throws InputError for a latent, too
   */
  readPicture(image: ImageSource, card: CheckpointCard, path: readonly string[]): Promise<ReadPicture>;
  /** Keeps the image's latent. @throws RetryLater */
  encode(card: CheckpointCard, image: ReadImage): Promise<LatentState>;
  /** @throws RetryLater, RequestError MODEL_FAILED */
  reconstruct(card: CheckpointCard, picture: ReadPicture): Promise<ReconstructionState>;
  /** @param bits of a value, 2 to 8 @throws RetryLater, RequestError MODEL_FAILED */
  compress(card: CheckpointCard, image: ReadImage, bits: number): Promise<CompressionState>;
  /** Of two latents of one checkpoint and shape, ends included. @throws RetryLater, RequestError MODEL_FAILED */
  interpolate(card: CheckpointCard, from: LatentState, to: LatentState, count: number): Promise<readonly ImageState[]>;
  /** Every value uniform and independent of the others. */
  randomPixels(seed: number, size: ImageSize): Promise<ImageState>;
  /** What the decoder makes of noise. @throws RetryLater, RequestError MODEL_FAILED */
  randomLatent(card: CheckpointCard, seed: number, size: ImageSize): Promise<ImageState>;
  /** A prompt of what the checkpoint was taught; the same for the same seed. Null where it does not say what that is. */
  randomPrompt(card: CheckpointCard, seed: number): string | null;
  /** @param card of a checkpoint that has a discriminator @throws RetryLater, RequestError MODEL_FAILED */
  discriminate(card: CheckpointCard, picture: ReadPicture): Promise<Score>;
  /**
   * How similar an image is to texts.
   * @param card of a checkpoint that has an embedder
   * @param texts token ids: for each text one list for each text encoder
   * @returns cosines, in their order
   * @throws RetryLater, RequestError MODEL_FAILED
   */
  likeness(card: CheckpointCard, image: ReadImage, texts: readonly TokenIds[]): Promise<readonly number[]>;
  /**
   * Images first, then texts. Images are read one after the other, so that not all are in memory at once.
   * @throws as `read` and the others
   */
  embed(card: CheckpointCard, space: SimilaritySpace, input: ToEmbed): Promise<EmbeddingsState>;
}

/** A padded list for each text encoder. */
export type TokenIds = readonly (readonly number[])[];

/** Pixels. */
export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

export type ReadImage = ReadPicture | ReadLatent;

export interface ReadPicture {
  readonly kind: 'PICTURE';
  /** Of its likeliest latent. */
  readonly latentKey: string;
  /** Brought to the checkpoint's own size. */
  readonly pixels: Pixels;
  /** The key of the checkpoint's own latent that it is the picture of, as it is; null for any other picture. */
  readonly pictureOf: string | null;
  /** As it came. `bytes`: of its file, or of its pixels where it is a stored latent's. */
  readonly source: ImageSize & { readonly bytes: number };
}

/** A latent that was sent in place of a picture. */
export interface ReadLatent {
  readonly kind: 'LATENT';
  readonly latentKey: string;
  /** `[channels, height, width] float32` */
  readonly latent: FloatTensor;
}

export interface ReconstructionState {
  readonly image: ImageState;
  readonly latent: LatentState;
  /** Of values from 0 to 255. */
  readonly mse: number;
  readonly psnr: number;
  /** Null where the checkpoint does not say how far off its own held-out data are. */
  readonly outlier: OutlierVerdict | null;
  readonly bitsPerPixelIn: number;
  readonly bitsPerPixelLatent: number;
}

export interface CompressionState {
  readonly latent: LatentState;
  readonly image: ImageState;
  /** Of the `.dklat` file. */
  readonly bytes: number;
  readonly bitsPerPixel: number;
  readonly psnr: number;
  readonly url: string;
  readonly rivals: readonly CompressionRival[];
}

/** The same picture by another codec. */
export interface CompressionRival {
  readonly codec: string;
  readonly quality: number;
  readonly bytes: number;
  readonly psnr: number;
}

export interface ToEmbed {
  readonly images: readonly { readonly source: ImageSource; readonly path: readonly string[] }[];
  readonly texts: readonly TokenIds[];
}

export interface EmbeddingsState {
  readonly dimensions: number;
  readonly vectors: readonly Float32Array[];
  /** Of a `.safetensors` file with all of them. */
  readonly url: string;
}
