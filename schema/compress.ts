import { builder } from './builder.ts';
import { findCheckpoint } from './checkpoint.ts';
import { RetryLater } from './context.ts';
import { InputError, RequestError } from './errors.ts';
import { ImageType } from './image.ts';
import { ImageInputType } from './image-input.ts';
import type { CompressionRival, CompressionState } from './laboratory-service.ts';
import { LatentType } from './latent.ts';

const LEAST_BITS = 2;
const MOST_BITS = 8;

const CompressInput = builder.inputType('CompressInput', {
  description: 'An image to be made small.',
  fields: t => ({
    image: t.field({ type: ImageInputType, required: true, description: 'The image. Of a latent, its picture.' }),
    bits: t.int({
      required: true,
      defaultValue: 5,
      description: `Of each value of the latent, ${LEAST_BITS} to ${MOST_BITS}: more keep more.`,
    }),
    checkpoint: t.string({
      description: 'Whose autoencoder, by the checkpoint’s name; the server’s default when absent.',
    }),
  }),
});

const CompressionRivalType = builder.objectRef<CompressionRival>('CompressionRival').implement({
  description: 'The same picture by another codec, in a file of about the same size.',
  fields: t => ({
    codec: t.exposeString('codec', { description: 'Such as `JPEG`.' }),
    quality: t.exposeInt('quality', {
      description: 'Its setting, 1 to 100: the best whose file is no larger; 1 where even that is.',
    }),
    bytes: t.exposeInt('bytes', { description: 'Of its file.' }),
    psnr: t.exposeFloat('psnr', { description: 'In dB, like the other.' }),
  }),
});

const CompressionType = builder.objectRef<CompressionState>('Compression').implement({
  description: 'An image as a small file of entropy-coded latents.',
  fields: t => ({
    latent: t.field({
      type: LatentType,
      description: 'The quantised latent: what is in the file, number by number.',
      resolve: ({ latent }) => latent,
    }),
    bytes: t.exposeInt('bytes', { description: 'Of the file.' }),
    bitsPerPixel: t.exposeFloat('bitsPerPixel', {
      description: 'Of the file, for each pixel of the image at the checkpoint’s own size.',
    }),
    psnr: t.exposeFloat('psnr', {
      description: 'Peak signal-to-noise ratio in dB, against the image at the checkpoint’s own size.',
    }),
    url: t.exposeString('url', {
      description: 'The .dklat file, which any ImageInput takes back. Absolute, and works without headers.',
    }),
    image: t.field({ type: ImageType, description: 'What it decodes to.', resolve: ({ image }) => image }),
    rivals: t.field({
      type: [CompressionRivalType],
      description: 'JPEG and WebP in about as many bytes.',
      resolve: ({ rivals }) => [...rivals],
    }),
  }),
});

builder.mutationField('compress', t =>
  t.field({
    type: CompressionType,
    nullable: true,
    description:
      'The image as a small file of entropy-coded latents, next to JPEG and WebP files of about the same size.',
    args: { input: t.arg({ type: CompressInput, required: true, description: 'What to compress.' }) },
    errors: {
      types: [InputError, RetryLater, RequestError],
      union: { name: 'CompressResult', description: 'A small file, or why there is none.' },
    },
    resolve: async (_, { input }, { services, pictures }) => {
      const { bits } = input;
      if (!(bits >= LEAST_BITS && bits <= MOST_BITS)) {
        const message = `bits is ${bits}: ${LEAST_BITS} to ${MOST_BITS}`;
        throw new InputError([{ path: ['input', 'bits'], message }]);
      }
      const card = await findCheckpoint(services.checkpoints, input.checkpoint);
      pictures.take();
      const image = await services.laboratory.read(input.image, card, ['input', 'image']);
      return services.laboratory.compress(card, image, bits);
    },
  }),
);
