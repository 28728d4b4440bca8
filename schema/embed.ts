import { builder, type ResolverContext } from './builder.ts';
import { findCheckpoint } from './checkpoint.ts';
import { RetryLater } from './context.ts';
import { InputError, RequestError } from './errors.ts';
import { ImageInputType } from './image-input.ts';
import type { EmbeddingsState } from './laboratory-service.ts';
import { SimilaritySpaceType } from './similarity-space.ts';
import { readTexts } from './texts-to-embed.ts';

const MOST_TOGETHER = 256;
/** Numbers that are answered inline. */
const MOST_NUMBERS = 65_536;

const EmbedInput = builder.inputType('EmbedInput', {
  description: `Images and texts, 1 to ${MOST_TOGETHER} together.`,
  fields: t => ({
    images: t.field({ type: [ImageInputType], description: 'Images, in the spaces LATENT and EMBEDDING.' }),
    texts: t.stringList({ description: 'Texts, in the spaces PROMPT and EMBEDDING.' }),
    space: t.field({
      type: SimilaritySpaceType,
      required: true,
      defaultValue: 'EMBEDDING',
      description: 'Where they are to be. UNSUPPORTED where one of them has no place, or the checkpoint no embedder.',
    }),
    checkpoint: t.string({
      description: 'Whose encoders, by the checkpoint’s name; the server’s default when absent.',
    }),
  }),
});

type EmbedInput = typeof EmbedInput.$inferInput;

const EmbeddingsType = builder.objectRef<EmbeddingsState>('Embeddings').implement({
  description: 'Encodings, as features for other programs: images first, then texts, in the order given.',
  fields: t => ({
    dimensions: t.exposeInt('dimensions', { description: 'How many numbers each has.' }),
    url: t.exposeString('url', {
      description:
        'A .safetensors file with one tensor, `vectors` [rows, dimensions] of F32. Absolute, works without headers, and is kept for a day.',
    }),
    vectors: t.field({
      type: t.listRef(t.listRef('Float')),
      nullable: true,
      description: `The same numbers. Null where they are more than ${MOST_NUMBERS}.`,
      resolve: ({ vectors, dimensions }) => {
        return vectors.length * dimensions > MOST_NUMBERS ? null : vectors.map(vector => [...vector]);
      },
    }),
  }),
});

builder.mutationField('embed', t =>
  t.field({
    type: EmbeddingsType,
    nullable: true,
    description: `The encodings themselves, as features for other programs. Images first, then texts, in the order given; up to ${MOST_TOGETHER}. Once a request.`,
    args: { input: t.arg({ type: EmbedInput, required: true, description: 'What to embed.' }) },
    errors: {
      types: [InputError, RetryLater, RequestError],
      union: { name: 'EmbedResult', description: 'Encodings, or why there are none.' },
    },
    resolve: (_, { input }, context) => embed(input, context),
  }),
);

/** @throws InputError, RequestError, RetryLater */
async function embed(input: EmbedInput, { services, embeddings }: ResolverContext): Promise<EmbeddingsState> {
  const images = input.images ?? [];
  const texts = input.texts ?? [];
  const count = images.length + texts.length;
  if (count < 1 || count > MOST_TOGETHER) {
    const message = `images and texts are ${count} together: 1 to ${MOST_TOGETHER}`;
    throw new InputError([{ path: ['input'], message }]);
  }
  const card = await findCheckpoint(services.checkpoints, input.checkpoint);
  const tokenIds = readTexts(services.prompts, card, texts, ['input', 'texts']);
  embeddings.take();
  const sources = images.map((source, i) => ({ source, path: ['input', 'images', String(i)] }));
  return services.laboratory.embed(card, input.space, { images: sources, texts: tokenIds });
}
