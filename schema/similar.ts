import type { CheckpointCard } from '../wire/card.ts';
import { builder, type ResolverContext } from './builder.ts';
import { findCheckpoint } from './checkpoint.ts';
import { InputError, PromptError } from './errors.ts';
import { costs } from './field-cost.ts';
import { ImageInputType } from './image-input.ts';
import { findLatent, LatentType } from './latent.ts';
import { pageSize } from './page.ts';
import { SimilarConnectionType, searchPage } from './similar-connection.ts';
import type { SimilarLatent, SimilarSearch } from './similarity-service.ts';
import { SimilaritySpaceType } from './similarity-space.ts';

const SimilarToInput = builder.inputType('SimilarTo', {
  description: 'What to look for: one of these.',
  isOneOf: true,
  fields: t => ({
    text: t.string({ description: 'A text, as a prompt is. In the spaces PROMPT and EMBEDDING.' }),
    image: t.field({
      type: ImageInputType,
      description: 'A picture, brought to the checkpoint’s own size and encoded. In the spaces LATENT and EMBEDDING.',
    }),
    latentKey: t.string({ description: 'The key of a stored latent. In every space where it has a place.' }),
  }),
});

type SimilarTo = typeof SimilarToInput.$inferInput;

const SPACE = 'What is compared. UNSUPPORTED for a space that the checkpoint, or what is looked for, has no place in.';
const MIN_SIMILARITY = 'Nothing less similar than this, -1 to 1.';
const FIRST = 'How many from the nearest on, 0 to 100. Default 20.';
const AFTER = 'The cursor of the edge after which the page starts.';

builder.queryField('similar', t =>
  t.field({
    type: SimilarConnectionType,
    nullable: true,
    description:
      'The stored latents of one checkpoint that are nearest to something. Nothing is denoised; a backend is asked only for texts that were never encoded, for pictures, and in the space EMBEDDING for latents that were stored when none could embed them.',
    args: {
      to: t.arg({ type: SimilarToInput, required: true, description: 'What to look for.' }),
      space: t.arg({ type: SimilaritySpaceType, required: true, defaultValue: 'EMBEDDING', description: SPACE }),
      minSimilarity: t.arg.float({ description: MIN_SIMILARITY }),
      checkpoint: t.arg.string({
        description: 'Whose latents, by its name. Default: the latent’s own checkpoint, else the server’s default.',
      }),
      first: t.arg.int({ description: FIRST }),
      after: t.arg.string({ description: AFTER }),
    },
    extensions: costs({ size: pageSize }),
    resolve: async (_, { to, checkpoint, ...args }, context) => {
      context.searches.take();
      const search = await searchFor(to, checkpoint, context);
      return searchPage(args, search);
    },
  }),
);

builder.objectField(LatentType, 'similar', t =>
  t.field({
    type: SimilarConnectionType,
    nullable: true,
    description: 'The latents of the same checkpoint that are nearest to this one, itself aside.',
    args: {
      space: t.arg({ type: SimilaritySpaceType, required: true, defaultValue: 'EMBEDDING', description: SPACE }),
      minSimilarity: t.arg.float({ description: MIN_SIMILARITY }),
      first: t.arg.int({ description: FIRST }),
      after: t.arg.string({ description: AFTER }),
    },
    extensions: costs({ size: pageSize }),
    resolve: (latent, args, { services, searches }) => {
      searches.take();
      return searchPage(args, search => services.similarity.nearLatent(latent, search));
    },
  }),
);

/** @throws InputError, PromptError, RequestError, RetryLater */
async function searchFor(
  to: SimilarTo,
  checkpoint: string | null | undefined,
  { services, pictures }: ResolverContext,
): Promise<(search: SimilarSearch) => Promise<readonly SimilarLatent[]>> {
  const { similarity } = services;
  if (to.latentKey != null) {
    const latent = await findLatent(services.latents, to.latentKey, ['to', 'latentKey']);
    if (checkpoint != null) {
      const card = await findCheckpoint(services.checkpoints, checkpoint);
      if (card.digest !== latent.checkpointDigest) throw ofAnother(card);
    }
    return search => similarity.nearLatent(latent, search);
  }
  const card = await findCheckpoint(services.checkpoints, checkpoint);
  if (to.text != null) {
    const report = services.prompts.check(card, to.text, '');
    if (!report.allowed) {
      const errors = report.errors.map(({ message }) => ({ path: ['to', 'text'], message }));
      throw new PromptError({ ...report, errors });
    }
    return search => similarity.nearText(card, report.modelTokenIds, search);
  }
  pictures.take();
  const image = await services.laboratory.read(to.image!, card, ['to', 'image']);
  return search => similarity.nearImage(card, image, search);
}

function ofAnother({ name }: CheckpointCard): InputError {
  const message = `checkpoint ${JSON.stringify(name)} did not make the latent, which can be compared with those of its own only: leave checkpoint out`;
  return new InputError([{ path: ['checkpoint'], message }]);
}
