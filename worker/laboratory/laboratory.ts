/** The laboratory: every procedure on images and latents, for somebody who waits. */
import type { ImageSource, ImageState, LatentState, Score } from '../../schema/context.ts';
import { InputError } from '../../schema/errors.ts';
import type {
  CompressionState,
  EmbeddingsState,
  ImageSize,
  LaboratoryService,
  ReadImage,
  ReadPicture,
  ReconstructionState,
  ToEmbed,
  TokenIds,
} from '../../schema/laboratory-service.ts';
import type { SimilaritySpace } from '../../schema/similarity-service.ts';
import type { CheckpointCard } from '../../wire/card.ts';
import type { LatentImages } from '../images/latent-images.ts';
import { mostPixels } from '../images/picture-facts.ts';
import type { LatentStore } from '../latents/latent-store.ts';
import { latentKey } from '../latents/recipe.ts';
import { cosine } from '../similarity/cosine.ts';
import { compressed } from './compression.ts';
import type { Embeddings } from './embeddings.ts';
import type { ImageReader } from './image-reader.ts';
import { interpolation } from './interpolation.ts';
import type { KeptLatents } from './kept-latents.ts';
import type { LaboratoryFiles } from './laboratory-files.ts';
import { randomNoise } from './random-latent.ts';
import { randomPixelsImage } from './random-pixels.ts';
import { randomPrompt } from './random-prompt.ts';
import { reconstruction } from './reconstruction.ts';
import type { Workbench } from './workbench.ts';

/** Of all images of a request that embeds together: so much is decoded for one caller. */
const mostPixelsToEmbed = 16 * mostPixels;

export interface LaboratoryOptions {
  readonly reader: Pick<ImageReader, 'read'>;
  readonly kept: KeptLatents;
  readonly store: Pick<LatentStore, 'intact' | 'tensor'>;
  readonly workbench: Pick<Workbench, 'score'>;
  readonly embeddings: Pick<Embeddings, 'ofImage' | 'ofTexts'>;
  readonly files: Pick<LaboratoryFiles, 'keepCompressed' | 'keepEmbeddings'>;
  readonly images: Pick<LatentImages, 'of'>;
}

export class Laboratory implements LaboratoryService {
  readonly #options: LaboratoryOptions;

  constructor(options: LaboratoryOptions) {
    this.#options = options;
  }

  read(image: ImageSource, card: CheckpointCard, path: readonly string[]): Promise<ReadImage> {
    return this.#options.reader.read(image, card, path);
  }

  async encode(card: CheckpointCard, image: ReadImage): Promise<LatentState> {
    return (await this.#options.kept.ofImage(card, image)).state;
  }

  async reconstruct(card: CheckpointCard, picture: ReadPicture): Promise<ReconstructionState> {
    const { kept, images } = this.#options;
    const made = await kept.ofImagePictured(card, picture);
    return { ...reconstruction(card, picture, made), image: await images.of(made.state) };
  }

  async compress(card: CheckpointCard, image: ReadImage, bits: number): Promise<CompressionState> {
    const { images } = this.#options;
    const made = await compressed(this.#options, card, image, bits);
    return { ...made, image: await images.of(made.latent) };
  }

  async interpolate(
    card: CheckpointCard,
    from: LatentState,
    to: LatentState,
    count: number,
  ): Promise<readonly ImageState[]> {
    const { images } = this.#options;
    const way = await interpolation(this.#options, card, from, to, count);
    return Promise.all(way.map(({ state }) => images.of(state)));
  }

  randomPixels(seed: number, size: ImageSize): ImageState {
    return randomPixelsImage(seed, size);
  }

  async randomLatent(card: CheckpointCard, seed: number, size: ImageSize): Promise<ImageState> {
    const { kept, images } = this.#options;
    const { recipe, latent } = randomNoise(card, seed, size);
    const { state } = await kept.pictured(card, await latentKey(recipe), latent);
    return { ...(await images.of(state)), seed };
  }

  randomPrompt({ vocabulary }: CheckpointCard, seed: number): string | null {
    return vocabulary && randomPrompt(vocabulary, seed);
  }

  async discriminate(card: CheckpointCard, { pixels }: ReadPicture): Promise<Score> {
    const score = await this.#options.workbench.score(card, pixels);
    return { score, real: score >= (card.realFrom ?? 1) };
  }

  async likeness(card: CheckpointCard, image: ReadImage, texts: readonly TokenIds[]): Promise<readonly number[]> {
    const { embeddings } = this.#options;
    const vector = await embeddings.ofImage(card, 'EMBEDDING', image);
    const labels = await embeddings.ofTexts(card, 'EMBEDDING', texts);
    return labels.map(label => cosine(vector, label));
  }

  async embed(card: CheckpointCard, space: SimilaritySpace, { images, texts }: ToEmbed): Promise<EmbeddingsState> {
    const { embeddings, files, reader } = this.#options;
    const vectors: Float32Array[] = [];
    let pixels = 0;
    for (const { source, path } of images) {
      const image = await reader.read(source, card, path);
      if (image.kind === 'PICTURE') pixels += image.source.width * image.source.height;
      if (pixels > mostPixelsToEmbed) {
        const message = `the images have more than ${mostPixelsToEmbed} pixels together: scale them down, or ask in several requests`;
        throw new InputError([{ path, message }]);
      }
      vectors.push(await embeddings.ofImage(card, space, image));
    }
    vectors.push(...(await embeddings.ofTexts(card, space, texts)));
    return { dimensions: vectors[0]!.length, vectors, url: await files.keepEmbeddings(vectors) };
  }
}
