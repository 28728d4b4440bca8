import type { ImageState, LatentState } from '../context.ts';
import { InputError } from '../errors.ts';
import type { LaboratoryService, ReadImage } from '../laboratory-service.ts';

/** A laboratory that computes nothing, and notes what it was asked. */
export function memoryLaboratory(asked: string[], latent: LatentState): LaboratoryService {
  const imageOf = (id: string, latentKey: string | null = latent.key): ImageState => {
    return { id, generationId: null, width: 128, height: 128, seed: null, latentKey };
  };
  const read: LaboratoryService['read'] = async (image, card, path): Promise<ReadImage> => {
    asked.push(`read for ${card.name}`);
    if (image.data === 'broken') throw new InputError([{ path: [...path, 'data'], message: 'broken' }]);
    if (image.data === 'latent') {
      return { kind: 'LATENT', latentKey: 'e'.repeat(64), latent: { data: new Float32Array(8), dims: [8, 1, 1] } };
    }
    const { width, height } = card.defaults;
    const pixels = { data: new Uint8Array(0), width, height };
    return {
      kind: 'PICTURE',
      latentKey: 'e'.repeat(64),
      pixels,
      pictureOf: null,
      source: { width: 10, height: 20, bytes: 50 },
    };
  };
  return {
    read,
    async readPicture(image, card, path) {
      const found = await read(image, card, path);
      if (found.kind === 'PICTURE') return found;
      throw new InputError([{ path: [...path, 'data'], message: 'a picture is needed' }]);
    },
    async encode(_, { kind }) {
      asked.push(`encode ${kind}`);
      return latent;
    },
    async reconstruct() {
      asked.push('reconstruct');
      const outlier = { score: 0.25, outlier: false };
      const errors = { mse: 4, psnr: 42.11, bitsPerPixelIn: 2, bitsPerPixelLatent: 4 };
      return { ...errors, outlier, latent, image: imageOf('reconstruction') };
    },
    async compress(_, { kind }, bits) {
      asked.push(`compress ${kind} to ${bits}`);
      const rivals = [{ codec: 'JPEG', quality: 3, bytes: 590, psnr: 21.5 }];
      const file = { bytes: 600, bitsPerPixel: 0.29, psnr: 26.5, url: 'https://darkroom.test/latents/x.dklat' };
      return { ...file, rivals, latent, image: imageOf('compressed') };
    },
    async interpolate(_, from, to, count) {
      asked.push(`from ${from.key[0]} to ${to.key[0]}`);
      return Array.from({ length: count }, (_, i) => imageOf(`between-${i}`));
    },
    async randomPixels(seed, { width, height }) {
      return { ...imageOf(`pixels-${seed}`, null), width, height, seed };
    },
    async randomLatent(_, seed) {
      return { ...imageOf(`random-${seed}`), seed };
    },
    randomPrompt: ({ vocabulary }, seed) => vocabulary && (seed === 13 ? 'a forbidden thing' : 'a dog'),
    async discriminate() {
      return { score: 0.75, real: true };
    },
    async likeness(_, __, texts) {
      asked.push(`like ${texts.length} texts`);
      // The last is the most similar.
      return texts.map((_, i) => i / texts.length);
    },
    async embed(_, space, { images, texts }) {
      asked.push(`${space} of ${images.length} images and ${texts.length} texts`);
      const dimensions = space === 'LATENT' ? 2_048 : 256;
      const vectors = [...images, ...texts].map((_, i) => new Float32Array(dimensions).fill(i));
      return { dimensions, vectors, url: 'https://darkroom.test/embeddings/x.safetensors' };
    },
  };
}
