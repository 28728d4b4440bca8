/** The pictures of the map, and their encodings. */
import { readSafetensors } from '../../../../models/checkpoint/safetensors.ts';
import type { SimilaritySpace } from '../../../sdk/index.ts';
import { darkroom } from '../../state/darkroom.ts';
import { type Place, placesOf } from './places.ts';

/** Encodings of pictures; prompts have none of these. */
export type MapSpace = Exclude<SimilaritySpace, 'PROMPT'>;

export interface MapPicture extends Place {
  readonly generation: string;
  readonly prompt: string;
  readonly key: string;
  readonly url: string;
}

const mostPictures = 100;
/** Of a picture, as a part of the map's. */
export const pictureSide = 0.075;

/**
 * The newest pictures of the gallery's default checkpoint at their places.
 * @throws DarkroomError
 */
export async function mapOf(space: MapSpace, signal: AbortSignal): Promise<readonly MapPicture[]> {
  const { digest } = await darkroom.checkpoint(undefined, { signal });
  const pictures = new Map<string, Omit<MapPicture, keyof Place>>();
  let shape: string | null = null;
  for await (const { id, prompt, images, record } of darkroom.allGenerations({ signal, status: ['SUCCEEDED'] })) {
    if (record?.checkpointDigest !== digest) continue;
    for (const { latent, url } of images) {
      // Latents of different shapes have no place on one map.
      if (latent === null || (shape !== null && String(latent.shape) !== shape)) continue;
      shape = String(latent.shape);
      pictures.set(latent.key, { generation: id, prompt, key: latent.key, url });
    }
    if (pictures.size >= mostPictures) break;
  }
  const shown = [...pictures.values()].slice(0, mostPictures);
  const places = placesOf(await vectorsOf(shown, space, signal), pictureSide);
  return shown.map((picture, i) => ({ ...picture, ...places[i]! }));
}

async function vectorsOf(
  pictures: readonly { readonly key: string }[],
  space: MapSpace,
  signal: AbortSignal,
): Promise<Float32Array[]> {
  if (pictures.length === 0) return [];
  const images = pictures.map(({ key }) => ({ latentKey: key }));
  const { url } = await darkroom.embed({ images, space }, { signal });
  const file = await darkroom.download(url, { signal });
  const tensor = readSafetensors(new Uint8Array(await file.arrayBuffer())).get('vectors')!;
  const width = tensor.dims[1]!;
  const numbers = tensor.data as Float32Array;
  return pictures.map((_, i) => numbers.slice(i * width, (i + 1) * width));
}
