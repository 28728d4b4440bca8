import { builder } from './builder.ts';
import { findCheckpoint } from './checkpoint.ts';
import { type LatentState, RetryLater } from './context.ts';
import { InputError, RequestError } from './errors.ts';
import { ImageInputType } from './image-input.ts';
import { LatentType } from './latent.ts';

const EncodeImageInput = builder.inputType('EncodeImageInput', {
  description: 'An image to be encoded.',
  fields: t => ({
    image: t.field({ type: ImageInputType, required: true, description: 'The image. A latent is kept as it is.' }),
    checkpoint: t.string({ description: 'Whose encoder, by the checkpoint’s name; the server’s default when absent.' }),
  }),
});

const EncodeImageSuccessType = builder.objectRef<{ readonly latent: LatentState }>('EncodeImageSuccess').implement({
  description: 'An image was encoded.',
  fields: t => ({
    latent: t.field({
      type: LatentType,
      description: 'The likeliest latent of the image, kept and found by likeness like any other.',
      resolve: ({ latent }) => latent,
    }),
  }),
});

builder.mutationField('encodeImage', t =>
  t.field({
    type: EncodeImageSuccessType,
    nullable: true,
    description:
      'Image to latent, through the autoencoder’s encoder. The latent is cached and searchable like any other.',
    args: { input: t.arg({ type: EncodeImageInput, required: true, description: 'What to encode.' }) },
    errors: {
      types: [InputError, RetryLater, RequestError],
      union: { name: 'EncodeImageResult', description: 'The latent of an image, or why there is none.' },
    },
    resolve: async (_, { input }, { services, pictures }) => {
      const card = await findCheckpoint(services.checkpoints, input.checkpoint);
      pictures.take();
      const image = await services.laboratory.read(input.image, card, ['input', 'image']);
      return { latent: await services.laboratory.encode(card, image) };
    },
  }),
);
