import type { BackendPool } from '../backends/pool.ts';
import type { LatentImages } from '../images/latent-images.ts';
import type { RandomPixels } from '../images/random-pixels.ts';
import type { LatentPictures } from '../latents/latent-pictures.ts';
import type { LatentStore } from '../latents/latent-store.ts';
import type { Similarity } from '../similarity/create.ts';
import { Embeddings } from './embeddings.ts';
import { ImageReader } from './image-reader.ts';
import { KeptLatents } from './kept-latents.ts';
import { Laboratory } from './laboratory.ts';
import type { LaboratoryFiles } from './laboratory-files.ts';
import { TextEmbeddings } from './text-embeddings.ts';
import { Workbench } from './workbench.ts';

export interface LaboratoryParts {
  readonly pool: BackendPool;
  readonly store: LatentStore;
  readonly pictures: LatentPictures;
  readonly images: LatentImages;
  readonly similarity: Similarity;
  readonly files: LaboratoryFiles;
  readonly randomPixels: RandomPixels;
}

/** All that the laboratory needs, made of what the other services are made of. */
export function createLaboratory({
  pool,
  store,
  pictures,
  images,
  similarity,
  files,
  randomPixels,
}: LaboratoryParts): Laboratory {
  const { latentIndex, vectors, maker, latents: indexed } = similarity;
  const workbench = new Workbench(pool);
  const reader = new ImageReader({ findLatent: key => store.find(key), pictures });
  const kept = new KeptLatents({ workbench, store, indexed });
  const texts = new TextEmbeddings(maker);
  const embeddings = new Embeddings({ workbench, store, latentIndex, vectors, maker, texts });
  return new Laboratory({ reader, kept, store, workbench, embeddings, files, images, randomPixels });
}
