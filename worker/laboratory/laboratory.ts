/** The laboratory: every procedure on images and latents, for somebody who waits. */
import type { ImageSource, ImageState, LatentState, Score } from '../../schema/context.ts';
import { InputError, RequestError } from '../../schema/errors.ts';
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
import type { RandomPixels } from '../images/random-pixels.ts';
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
import { randomPrompt } from './random-prompt.ts';
import { reconstruction } from './reconstruction.ts';
import type { Workbench } from './workbench.ts';

/** Of all images of a request that embeds together: so much is decoded for one caller. */
const mostPixelsToEmbed = 16 * mostPixels;
/** Images that are encoded together. */
const readTogether = 8;
/** Of all vectors of a request together: they are in memory three times over. */
const mostNumbers = 2 ** 21;

export interface LaboratoryOptions {
  readonly reader: Pick<ImageReader, 'read' | 'readPicture'>;
  readonly kept: KeptLatents;
  readonly store: Pick<LatentStore, 'intact' | 'tensor' | 'findMany'>;
  readonly workbench: Pick<Workbench, 'score'>;
  readonly embeddings: Pick<Embeddings, 'ofImages' | 'ofTexts'>;
  readonly files: Pick<LaboratoryFiles, 'keepCompressed' | 'keepEmbeddings'>;
  readonly images: Pick<LatentImages, 'of'>;
  readonly randomPixels: Pick<RandomPixels, 'image'>;
}

export class Laboratory implements LaboratoryService {
  readonly #options: LaboratoryOptions;

  constructor(options: LaboratoryOptions) {
    this.#options = options;
  }

  read(image: ImageSource, card: CheckpointCard, path: readonly string[]): Promise<ReadImage> {
    return this.#options.reader.read(image, card, path);
  }

  readPicture(image: ImageSource, card: CheckpointCard, path: readonly string[]): Promise<ReadPicture> {
    return this.#options.reader.readPicture(image, card, path);
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
    const { images, store } = this.#options;
    const keys = await interpolation(this.#options, card, from, to, count);
    const states = await store.findMany(keys);
    return Promise.all(
      keys.map(key => {
        const state = states.get(key);
        if (!state) throw new RequestError('NOT_FOUND', `There is no latent ${key} any more`);
        return images.of(state);
      }),
    );
  }

  randomPixels(seed: number, size: ImageSize): Promise<ImageState> {
    return this.#options.randomPixels.image(seed, size);
  }

  async randomLatent(card: CheckpointCard, seed: number, size: ImageSize): Promise<ImageState> {
    const { kept, images } = this.#options;
    const { recipe, latent } = randomNoise(card, seed, size);
    const { state } = await kept.pictured(card, await latentKey(recipe), latent, []);
    return images.of(state);
  }

  randomPrompt({ vocabulary }: CheckpointCard, seed: number): string | null {
    return vocabulary && randomPrompt(vocabulary, seed);
  }

  async discriminate(card: CheckpointCard, { pixels }: ReadPicture): Promise<Score> {
    const score = await this.#options.workbench.score(card, pixels);
    return { score, real: card.realFrom != null && score >= card.realFrom };
  }

  async likeness(card: CheckpointCard, image: ReadImage, texts: readonly TokenIds[]): Promise<readonly number[]> {
    const { embeddings } = this.#options;
    const [vector] = await embeddings.ofImages(card, 'EMBEDDING', [image]);
    const labels = await embeddings.ofTexts(card, 'EMBEDDING', texts);
    return labels.map(label => cosine(vector!, label));
  }

  async embed(card: CheckpointCard, space: SimilaritySpace, { images, texts }: ToEmbed): Promise<EmbeddingsState> {
    const { embeddings, files } = this.#options;
    expectRoom(card, space, images.length);
    const vectors: Float32Array[] = [];
    const budget = { pixels: mostPixelsToEmbed };
    for (let at = 0; at < images.length; at += readTogether) {
      const some = await this.#readSome(card, images.slice(at, at + readTogether), budget);
      vectors.push(...(await embeddings.ofImages(card, space, some)));
    }
    vectors.push(...(await embeddings.ofTexts(card, space, texts)));
    return { dimensions: vectors[0]!.length, vectors, url: await files.keepEmbeddings(vectors) };
  }

  /** One after the other: a large one is small once it is read. */
  async #readSome(card: CheckpointCard, images: ToEmbed['images'], budget: { pixels: number }): Promise<ReadImage[]> {
    const read: ReadImage[] = [];
    for (const { source, path } of images) {
      const image = await this.#options.reader.read(source, card, path);
      if (image.kind === 'PICTURE') budget.pixels -= image.source.width * image.source.height;
      if (budget.pixels < 0) {
        const message = `the images have more than ${mostPixelsToEmbed} pixels together: scale them down, or ask in several requests`;
        throw new InputError([{ path, message }]);
      }
      read.push(image);
    }
    return read;
  }
}

/** Latents of large checkpoints are long. @throws InputError */
function expectRoom({ latentShape }: CheckpointCard, space: SimilaritySpace, images: number): void {
  const numbers = latentShape.reduce((product, size) => product * size, 1);
  if (space !== 'LATENT' || images * numbers <= mostNumbers) return;
  const message = `images are ${images} of ${numbers} numbers each in the space LATENT: at most ${Math.floor(mostNumbers / numbers)} together`;
  throw new InputError([{ path: ['input', 'images'], message }]);
}
