import { builder, type ResolverContext } from './builder.ts';
import { type ImageState, RetryLater } from './context.ts';
import { InputError, RequestError } from './errors.ts';
import { costs, sizeUpTo } from './field-cost.ts';
import { ImageType } from './image.ts';
import { findLatent, latentKeyIssues } from './latent.ts';

const LEAST_COUNT = 2;
const MOST_COUNT = 64;

const InterpolateInput = builder.inputType('InterpolateInput', {
  description: 'Two latents, and how many pictures to see of the way between them.',
  fields: t => ({
    fromKey: t.string({ required: true, description: 'The key of the latent to begin with.' }),
    toKey: t.string({
      required: true,
      description: 'The key of the latent to end with, of the same checkpoint and shape.',
    }),
    count: t.int({
      required: true,
      defaultValue: 5,
      description: `How many pictures, ${LEAST_COUNT} to ${MOST_COUNT}, both ends included.`,
    }),
  }),
});

type InterpolateInput = typeof InterpolateInput.$inferInput;

const InterpolationType = builder.objectRef<{ readonly images: readonly ImageState[] }>('Interpolation').implement({
  description: 'The way from one latent to another.',
  fields: t => ({
    images: t.field({
      type: [ImageType],
      description: 'From the first end to the other; the latent of each is kept.',
      resolve: ({ images }) => [...images],
    }),
  }),
});

builder.mutationField('interpolate', t =>
  t.field({
    type: InterpolationType,
    nullable: true,
    description:
      'The way from one latent to another: `count` pictures (2 to 64), ends included, by spherical interpolation.',
    args: { input: t.arg({ type: InterpolateInput, required: true, description: 'From where to where.' }) },
    errors: {
      types: [InputError, RetryLater, RequestError],
      union: { name: 'InterpolateResult', description: 'The pictures, or why there are none.' },
    },
    extensions: costs({ size: args => sizeUpTo(MOST_COUNT, (args.input as InterpolateInput).count) }),
    resolve: (_, { input }, context) => interpolate(input, context),
  }),
);

/** @throws InputError, RequestError, RetryLater */
async function interpolate({ fromKey, toKey, count }: InterpolateInput, { services, interpolations }: ResolverContext) {
  const issues = [
    ...(count >= LEAST_COUNT && count <= MOST_COUNT
      ? []
      : [{ path: ['input', 'count'], message: `count is ${count}: ${LEAST_COUNT} to ${MOST_COUNT}` }]),
    ...latentKeyIssues(fromKey, ['input', 'fromKey']),
    ...latentKeyIssues(toKey, ['input', 'toKey']),
  ];
  if (issues.length > 0) throw new InputError(issues);
  const from = await findLatent(services.latents, fromKey, ['input', 'fromKey']);
  const to = await findLatent(services.latents, toKey, ['input', 'toKey']);
  const refuse = (why: string) => new InputError([{ path: ['input', 'toKey'], message: `toKey is a latent ${why}` }]);
  if (from.checkpointDigest !== to.checkpointDigest) throw refuse('of another checkpoint than fromKey');
  if (from.shape.join() !== to.shape.join()) {
    throw refuse(`of the shape [${to.shape.join(', ')}], fromKey of [${from.shape.join(', ')}]`);
  }
  const card = await services.checkpoints.findByDigest(from.checkpointDigest);
  if (card === null) throw new RequestError('NOT_FOUND', 'The server no longer has the checkpoint of these latents');
  interpolations.take(count);
  return { images: await services.laboratory.interpolate(card, from, to, count) };
}
