import { type Answered, type Success, successOf } from './answer.ts';
import type { Asking, AskOptions } from './asking.ts';
import type { TypedDocument } from './document.ts';
import * as operations from './generated.ts';
import { expectPicture, type Picture, withImageInputs } from './pictures.ts';
import type {
  ClassifyInput,
  CompressInput,
  EmbedInput,
  Image,
  InterpolateInput,
  Latent,
  RandomImageInput,
  Score,
} from './types.ts';

/** A latent made smaller, the file of it, and what other formats make of the same picture at about that size. */
export type Compression = Extract<
  NonNullable<operations.CompressMutation['compress']>,
  { readonly __typename: 'Compression' }
>;
/** What the autoencoder keeps of a picture, and how far off it is. */
export type Reconstruction = Extract<
  NonNullable<operations.ReconstructMutation['reconstruct']>,
  { readonly __typename: 'Reconstruction' }
>;
/** Vectors as features: `vectors` is null where there are too many for an answer; the file at `url` has them all. */
export type Embeddings = Extract<NonNullable<operations.EmbedMutation['embed']>, { readonly __typename: 'Embeddings' }>;
/** What a picture may show, and how sure that is. */
export type Classification = Extract<
  NonNullable<operations.ClassifyMutation['classify']>,
  { readonly __typename: 'Classifications' }
>['classes'][number];

/** Which checkpoint, by name; default: the server's. */
export interface LaboratoryOptions extends AskOptions {
  readonly checkpoint?: string;
}

/**
 * What an autoencoder, an embedder and a discriminator can do with pictures of one's own. All of it is computed from what is
 * sent, so asking twice does no harm.
 */
export class Laboratory {
  readonly #asking: Asking;

  protected constructor(asking: Asking) {
    this.#asking = asking;
  }

  /** Picture to latent. It is kept, and found by likeness like any other. */
  async encode(image: Picture, options: LaboratoryOptions = {}): Promise<Latent> {
    return (await this.#ask(operations.EncodeImageDocument, { image }, options)).latent;
  }

  /** Encoded and decoded again. */
  async reconstruct(image: Picture, options: LaboratoryOptions = {}): Promise<Reconstruction> {
    return this.#ask(operations.ReconstructDocument, { image }, options);
  }

  /** As a small file of entropy-coded latents, beside JPEG and WebP. */
  async compress(image: Picture, options: LaboratoryOptions & Pick<CompressInput, 'bits'> = {}): Promise<Compression> {
    return this.#ask(operations.CompressDocument, { image }, options);
  }

  /** Pictures on the way from one latent to another, ends included. */
  async interpolate(input: InterpolateInput, options: AskOptions = {}): Promise<readonly Image[]> {
    return (await this.#ask(operations.InterpolateDocument, input, options)).images;
  }

  /** A picture of random pixels, of a random latent, or of the data that the model learned from. */
  async randomImage(
    input: RandomImageInput,
    options: AskOptions = {},
  ): Promise<{ readonly image: Image; readonly seed: number }> {
    return this.#ask(operations.RandomImageDocument, input, options);
  }

  /** How much a picture looks like the data that the model learned from, and whether that is enough. */
  async discriminate(image: Picture, options: LaboratoryOptions = {}): Promise<Score> {
    return this.#ask(operations.DiscriminateDocument, { image }, options);
  }

  /** Which of the labels a picture shows, likeliest first. */
  async classify(
    image: Picture,
    options: LaboratoryOptions & Pick<ClassifyInput, 'labels' | 'first'> = {},
  ): Promise<readonly Classification[]> {
    return (await this.#ask(operations.ClassifyDocument, { image }, options)).classes;
  }

  /** Encodings, as features: pictures first, then texts, in the order given. */
  async embed(input: EmbedInput, options: AskOptions = {}): Promise<Embeddings> {
    return this.#ask(operations.EmbedDocument, input, options);
  }

  async #ask<Result extends Answered, Input extends object>(
    document: TypedDocument<Readonly<Record<string, Result | null>>, { input: Input }>,
    input: NoInfer<Input>,
    { signal, ...more }: AskOptions,
  ): Promise<Success<Result>> {
    if ('image' in input) expectPicture(input.image);
    const variables = { input: withImageInputs({ ...input, ...more }) as Input };
    // Each of these operations has one field.
    return this.#asking.again(document, variables, signal, data => successOf(Object.values(data)[0] ?? null));
  }
}
