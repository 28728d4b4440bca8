import { readSafetensors } from '../../models/checkpoint/safetensors.ts';
import type { DarkroomApi } from '../darkroom-api.ts';

export type Space = 'LATENT' | 'EMBEDDING';

/** The API takes 256; with fewer there is more to see of how far it is. */
const TOGETHER = 64;

/**
 * What the server makes of pictures.
 * @param files PNG, JPEG or WebP
 * @param space LATENT: the autoencoder's own codes; EMBEDDING: what they show
 * @param onDone told how many more are done
 * @returns a row for each picture
 * @throws ApiError
 */
export async function embedPictures(
  api: DarkroomApi,
  files: readonly Uint8Array[],
  space: Space,
  onDone: (count: number) => void = () => {},
): Promise<Float32Array[]> {
  const rows: Float32Array[] = [];
  for (let first = 0; first < files.length; first += TOGETHER) {
    const images = files.slice(first, first + TOGETHER).map(file => ({ data: Buffer.from(file).toString('base64') }));
    rows.push(...(await embed(api, { images, space })));
    onDone(images.length);
  }
  return rows;
}

/** What the server makes of up to 256 texts, in the space EMBEDDING. @throws ApiError */
export function embedTexts(api: DarkroomApi, texts: readonly string[]): Promise<Float32Array[]> {
  return embed(api, { texts, space: 'EMBEDDING' });
}

async function embed(api: DarkroomApi, input: object): Promise<Float32Array[]> {
  const { url } = await api.mutate('embed', input, '... on Embeddings { url }');
  const { data, dims } = readSafetensors(await api.file(url)).get('vectors')!;
  const [count, width] = dims as [number, number];
  return Array.from({ length: count }, (_, i) => (data as Float32Array).slice(i * width, (i + 1) * width));
}
