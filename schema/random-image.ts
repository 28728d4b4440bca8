import type { CheckpointCard } from '../wire/card.ts';
import { builder, type ResolverContext } from './builder.ts';
import { findCheckpoint } from './checkpoint.ts';
import { type ImageState, RetryLater } from './context.ts';
import { InputError, RequestError } from './errors.ts';
import { readParameters } from './generation-parameters.ts';
import { ImageType } from './image.ts';
import type { ImageSize } from './laboratory-service.ts';
import { nodeId } from './node.ts';

type RandomImageKind = 'PIXELS' | 'LATENT' | 'DATA';

/** How long a picture of the data is waited for. */
const PATIENCE_MS = 60_000;
const retryAfterMs = 2_000;

const RandomImageKindType = builder.enumType('RandomImageKind', {
  description: 'Where the chance is.',
  values: {
    PIXELS: {
      value: 'PIXELS' as RandomImageKind,
      description: 'In the pixels: every value uniform and independent. Such a picture was never a latent.',
    },
    LATENT: {
      value: 'LATENT' as RandomImageKind,
      description: 'In the latent: what the decoder makes of standard normal noise.',
    },
    DATA: {
      value: 'DATA' as RandomImageKind,
      description: 'In the choice among what the checkpoint learned: a random prompt’s picture.',
    },
  },
});

const RandomImageInput = builder.inputType('RandomImageInput', {
  description: 'What kind of chance to see.',
  fields: t => ({
    kind: t.field({ type: RandomImageKindType, required: true, description: 'Where the chance is.' }),
    seed: t.field({
      type: 'Seed',
      description: 'What is drawn from; its low 32 bits count. Drawn at random and returned when absent.',
    }),
    width: t.int({
      description: 'Pixels: a multiple of `Checkpoint.limits.multipleOf`. Default: the checkpoint’s own.',
    }),
    height: t.int({
      description: 'Pixels: a multiple of `Checkpoint.limits.multipleOf`. Default: the checkpoint’s own.',
    }),
    checkpoint: t.string({ description: 'A checkpoint’s name; the server’s default when absent.' }),
  }),
});

type RandomImageInput = typeof RandomImageInput.$inferInput;

interface RandomImageSuccess {
  readonly image: ImageState;
  readonly seed: number;
}

const RandomImageSuccessType = builder.objectRef<RandomImageSuccess>('RandomImageSuccess').implement({
  description: 'A random image.',
  fields: t => ({
    image: t.field({ type: ImageType, description: 'The image.', resolve: ({ image }) => image }),
    seed: t.expose('seed', { type: 'Seed', description: 'The same gives the same image.' }),
  }),
});

builder.mutationField('randomImage', t =>
  t.field({
    type: RandomImageSuccessType,
    nullable: true,
    description: 'A random image: of actual random pixels, of a random latent, or of the data the model learned from.',
    args: { input: t.arg({ type: RandomImageInput, required: true, description: 'What kind.' }) },
    errors: {
      types: [InputError, RetryLater, RequestError],
      union: { name: 'RandomImageResult', description: 'An image, or why there is none.' },
    },
    resolve: (_, { input }, context) => randomImage(input, context),
  }),
);

/** @throws InputError, RequestError, RetryLater */
async function randomImage(input: RandomImageInput, context: ResolverContext): Promise<RandomImageSuccess> {
  const { checkpoints, laboratory } = context.services;
  const card = await findCheckpoint(checkpoints, input.checkpoint);
  // The rules for sizes and seeds are those of generations.
  const { kind, ...sized } = input;
  const { parameters, issues } = readParameters(card, { ...sized, prompt: '' });
  if (issues.length > 0) throw new InputError(issues);
  const { seed, width, height } = parameters;
  switch (kind) {
    case 'PIXELS':
      return { seed, image: await laboratory.randomPixels(seed, { width, height }) };
    case 'LATENT':
      context.decodings.take();
      return { seed, image: await laboratory.randomLatent(card, seed, { width, height }) };
    case 'DATA':
      return { seed, image: await ofData(card, seed, { width, height }, context) };
  }
}

/** A generation like any other: it is kept, and may be asked about. @throws RequestError, RetryLater */
async function ofData(
  card: CheckpointCard,
  seed: number,
  size: ImageSize,
  { services }: ResolverContext,
): Promise<ImageState> {
  const { laboratory, prompts, generations } = services;
  const prompt = laboratory.randomPrompt(card, seed);
  if (prompt === null) {
    throw new RequestError(
      'UNSUPPORTED',
      `The checkpoint ${card.name} does not say what it was taught: name a prompt to generate`,
    );
  }
  const report = prompts.check(card, prompt, '');
  if (!report.allowed)
    throw new RequestError(
      'PROMPT_REFUSED',
      `This seed draws ${JSON.stringify(prompt)}, which this server does not accept`,
    );
  const { parameters } = readParameters(card, { prompt, seed, ...size });
  const { state } = await generations.create({
    card,
    prompt,
    negativePrompt: '',
    report,
    parameters,
    startContent: null,
    idempotency: null,
    webhook: null,
  });
  const ended = (await generations.wait(state.id, PATIENCE_MS)) ?? state;
  const [image] = ended.images;
  if (image) return image;
  const { failure, status } = ended;
  if (status === 'CANCELLED') throw new RequestError('NOT_FOUND', `Its generation ${state.id} was cancelled`);
  if (failure?.retryable) throw new RetryLater('BACKEND_UNAVAILABLE', failure.message, retryAfterMs);
  if (failure) throw new RequestError(failure.code, failure.message);
  throw new RetryLater(
    'BACKEND_UNAVAILABLE',
    `The picture was not made in time. It goes on: ask for generation ${nodeId('Generation', state.id)}, or again with the seed ${seed}`,
    retryAfterMs,
  );
}
