import { builder } from './builder.ts';
import { findCheckpoint } from './checkpoint.ts';
import { RetryLater } from './context.ts';
import { InputError, RequestError } from './errors.ts';
import { ImageInputType } from './image-input.ts';
import { readPictureInput } from './picture-input.ts';
import { ScoreType } from './score.ts';

const DiscriminateInput = builder.inputType('DiscriminateInput', {
  description: 'An image to be judged.',
  fields: t => ({
    image: t.field({ type: ImageInputType, required: true, description: 'The image. Not a latent.' }),
    checkpoint: t.string({
      description: 'Whose discriminator, by the checkpoint’s name; the server’s default when absent.',
    }),
  }),
});

builder.mutationField('discriminate', t =>
  t.field({
    type: ScoreType,
    nullable: true,
    description: 'The discriminator’s verdict on an image. UNSUPPORTED where the checkpoint has no discriminator.',
    args: { input: t.arg({ type: DiscriminateInput, required: true, description: 'What to judge.' }) },
    errors: {
      types: [InputError, RetryLater, RequestError],
      union: { name: 'DiscriminateResult', description: 'A score, or why there is none.' },
    },
    resolve: async (_, { input }, context) => {
      const { checkpoints, laboratory } = context.services;
      const card = await findCheckpoint(checkpoints, input.checkpoint);
      if (!card.discriminator)
        throw new RequestError('UNSUPPORTED', `The checkpoint ${card.name} has no discriminator`);
      return laboratory.discriminate(card, await readPictureInput(input.image, card, context));
    },
  }),
);
