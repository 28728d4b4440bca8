/** What the chapters ask the server for. */
import type { DarkroomApi } from '../darkroom-api.ts';

const inline = (file: Uint8Array) => ({ data: Buffer.from(file).toString('base64') });

export interface Reconstruction {
  /** PNG */
  readonly file: Uint8Array;
  readonly psnr: number;
  /** `[channels, height, width]` */
  readonly shape: readonly number[];
  /** Null where the checkpoint says nothing of its own data. */
  readonly outlierScore: number | null;
}

/** @throws ApiError */
export async function reconstruct(api: DarkroomApi, file: Uint8Array): Promise<Reconstruction> {
  const selection = '... on Reconstruction { image { url } latent { shape } psnr outlierScore }';
  const { image, latent, psnr, outlierScore } = await api.mutate('reconstruct', { image: inline(file) }, selection);
  return { file: await api.file(image.url), shape: latent.shape, psnr, outlierScore };
}

/** How much it looks like what the checkpoint learned from, 0 to 1. @throws ApiError */
export async function score(api: DarkroomApi, file: Uint8Array): Promise<number> {
  return (await api.mutate('discriminate', { image: inline(file) }, '... on Score { score }')).score;
}

/** @returns the latent's key. @throws ApiError */
export async function encode(api: DarkroomApi, file: Uint8Array): Promise<string> {
  const { latent } = await api.mutate(
    'encodeImage',
    { image: inline(file) },
    '... on EncodeImageSuccess { latent { key } }',
  );
  return latent.key;
}

/** PNGs from one latent to another, both included. @throws ApiError */
export async function interpolate(api: DarkroomApi, fromKey: string, toKey: string, count: number) {
  const selection = '... on Interpolation { images { url } }';
  const { images } = await api.mutate('interpolate', { fromKey, toKey, count }, selection);
  return Promise.all(images.map(({ url }: { url: string }) => api.file(url)));
}

export type Chance = 'PIXELS' | 'LATENT' | 'DATA';

/** A PNG. @throws ApiError */
export async function randomImage(api: DarkroomApi, kind: Chance, seed: number): Promise<Uint8Array> {
  const { image } = await api.mutate('randomImage', { kind, seed }, '... on RandomImageSuccess { image { url } }');
  return api.file(image.url);
}

export interface Compression {
  /** PNG: what the small file decodes to. */
  readonly file: Uint8Array;
  readonly bytes: number;
  readonly psnr: number;
  readonly rivals: readonly { readonly codec: string; readonly bytes: number; readonly psnr: number }[];
}

/** @throws ApiError */
export async function compress(api: DarkroomApi, file: Uint8Array, bits: number): Promise<Compression> {
  const selection = '... on Compression { image { url } bytes psnr rivals { codec bytes psnr } }';
  const { image, ...figures } = await api.mutate('compress', { image: inline(file), bits }, selection);
  return { ...figures, file: await api.file(image.url) };
}
