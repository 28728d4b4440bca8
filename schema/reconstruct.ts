import { builder } from './builder.ts';
import { findCheckpoint } from './checkpoint.ts';
import { RetryLater } from './context.ts';
import { InputError, RequestError } from './errors.ts';
import { ImageType } from './image.ts';
import { ImageInputType } from './image-input.ts';
import type { ReconstructionState } from './laboratory-service.ts';
import { LatentType } from './latent.ts';
import { readPictureInput } from './picture-input.ts';

const ReconstructInput = builder.inputType('ReconstructInput', {
  description: 'An image to be encoded and decoded again.',
  fields: t => ({
    image: t.field({
      type: ImageInputType,
      required: true,
      description: 'The image. Not a latent, of which there is no original to compare with.',
    }),
    checkpoint: t.string({
      description: 'Whose autoencoder, by the checkpoint’s name; the server’s default when absent.',
    }),
  }),
});

const ReconstructionType = builder.objectRef<ReconstructionState>('Reconstruction').implement({
  description:
    'What is left of an image behind the bottleneck. It is compared with the image as it was brought to the checkpoint’s own size.',
  fields: t => ({
    image: t.field({ type: ImageType, description: 'What the decoder makes of it.', resolve: state => state.image }),
    latent: t.field({ type: LatentType, description: 'What passed the bottleneck.', resolve: state => state.latent }),
    mse: t.exposeFloat('mse', { description: 'Mean squared difference of all values, 0 to 255 each.' }),
    psnr: t.exposeFloat('psnr', {
      description: 'Peak signal-to-noise ratio in dB: 10 log₁₀(255² / mse). 100 where nothing differs.',
    }),
    outlierScore: t.float({
      nullable: true,
      description:
        'The quantile, among the checkpoint’s own held-out data, of the reconstruction’s error relative to a thumbnail’s, 0 to 1. Null where the checkpoint has no such data.',
      resolve: ({ outlier }) => outlier?.score ?? null,
    }),
    outlier: t.boolean({
      nullable: true,
      description: 'Whether that is far out. Null where the checkpoint has no such data.',
      resolve: ({ outlier }) => outlier?.outlier ?? null,
    }),
    bitsPerPixelIn: t.exposeFloat('bitsPerPixelIn', {
      description: 'Of the file that was sent, for each of its pixels; 24 for the picture of a stored latent.',
    }),
    bitsPerPixelLatent: t.exposeFloat('bitsPerPixelLatent', {
      description: 'Of the latent’s float32 numbers, for each pixel of the image at the checkpoint’s own size.',
    }),
  }),
});

builder.mutationField('reconstruct', t =>
  t.field({
    type: ReconstructionType,
    nullable: true,
    description:
      'Encode and decode: what the autoencoder keeps, how far off it is, and whether the image is an outlier for it.',
    args: { input: t.arg({ type: ReconstructInput, required: true, description: 'What to reconstruct.' }) },
    errors: {
      types: [InputError, RetryLater, RequestError],
      union: { name: 'ReconstructResult', description: 'A reconstruction, or why there is none.' },
    },
    resolve: async (_, { input }, context) => {
      const card = await findCheckpoint(context.services.checkpoints, input.checkpoint);
      const picture = await readPictureInput(input.image, card, context);
      return context.services.laboratory.reconstruct(card, picture);
    },
  }),
);
