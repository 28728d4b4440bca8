import { builder, type ResolverContext } from './builder.ts';
import { findCheckpoint } from './checkpoint.ts';
import { RetryLater } from './context.ts';
import { InputError, RequestError } from './errors.ts';
import { ImageInputType } from './image-input.ts';
import { readTexts } from './texts-to-embed.ts';
import { thingsIn } from './things.ts';

const MOST_LABELS = 256;
const MOST_CLASSES = 256;

const ClassifyInput = builder.inputType('ClassifyInput', {
  description: 'An image, and what it may show.',
  fields: t => ({
    image: t.field({ type: ImageInputType, required: true, description: 'The image.' }),
    labels: t.stringList({
      description: `What it may show, 1 to ${MOST_LABELS} different texts. Default: the things of the checkpoint’s vocabulary.`,
    }),
    first: t.int({
      required: true,
      defaultValue: 5,
      description: `How many classes to answer with, the likeliest first, 1 to ${MOST_CLASSES}.`,
    }),
    checkpoint: t.string({
      description: 'Whose embedder, by the checkpoint’s name; the server’s default when absent.',
    }),
  }),
});

type ClassifyInput = typeof ClassifyInput.$inferInput;

interface Classification {
  readonly label: string;
  readonly probability: number;
  readonly similarity: number;
}

const ClassificationType = builder.objectRef<Classification>('Classification').implement({
  description: 'One of the labels.',
  fields: t => ({
    label: t.exposeString('label', { description: 'As it was given, or as the vocabulary has it.' }),
    probability: t.exposeFloat('probability', {
      description: 'Among all the labels, 0 to 1: the softmax of the similarities times the embedder’s logit scale.',
    }),
    similarity: t.exposeFloat('similarity', {
      description: 'The cosine of the label’s encoding and the image’s, -1 to 1.',
    }),
  }),
});

const ClassificationsType = builder
  .objectRef<{ readonly classes: readonly Classification[] }>('Classifications')
  .implement({
    description: 'What an image shows.',
    fields: t => ({
      classes: t.field({
        type: [ClassificationType],
        description: 'Likeliest first.',
        resolve: ({ classes }) => [...classes],
      }),
    }),
  });

builder.mutationField('classify', t =>
  t.field({
    type: ClassificationsType,
    nullable: true,
    description:
      'Which of the labels the image shows, by the similarity of their encodings. UNSUPPORTED where the checkpoint has no embedder.',
    args: { input: t.arg({ type: ClassifyInput, required: true, description: 'What to classify.' }) },
    errors: {
      types: [InputError, RetryLater, RequestError],
      union: { name: 'ClassifyResult', description: 'Classes, or why there are none.' },
    },
    resolve: (_, { input }, context) => classify(input, context),
  }),
);

/** @throws InputError, RequestError, RetryLater */
async function classify(input: ClassifyInput, { services, pictures }: ResolverContext) {
  const { checkpoints, laboratory, prompts } = services;
  const { first } = input;
  if (!(first >= 1 && first <= MOST_CLASSES)) {
    throw new InputError([{ path: ['input', 'first'], message: `first is ${first}: 1 to ${MOST_CLASSES}` }]);
  }
  const card = await findCheckpoint(checkpoints, input.checkpoint);
  const { embedding, name } = card;
  if (!embedding) throw new RequestError('UNSUPPORTED', `The checkpoint ${name} has no embedder`);
  const labels = input.labels ?? thingsIn(card.vocabulary ?? []).map(({ phrase }) => phrase);
  const issue = labelsIssue(labels, input.labels != null);
  if (issue) throw new InputError([{ path: ['input', 'labels'], message: issue }]);
  const tokenIds = readTexts(prompts, card, labels, ['input', 'labels']);
  pictures.take();
  const image = await laboratory.read(input.image, card, ['input', 'image']);
  const similarities = await laboratory.likeness(card, image, tokenIds);
  const probabilities = softmax(similarities.map(similarity => similarity * embedding.logitScale));
  const classes = labels.map((label, i) => ({
    label,
    similarity: similarities[i]!,
    probability: probabilities[i]!,
  }));
  return { classes: classes.sort((a, b) => b.similarity - a.similarity).slice(0, first) };
}

function labelsIssue(labels: readonly string[], areGiven: boolean): string | null {
  if (labels.length === 0) {
    return areGiven
      ? 'labels are none: at least 1'
      : 'labels are needed: this checkpoint says of no thing that it knows it';
  }
  if (areGiven && labels.length > MOST_LABELS) return `labels are ${labels.length}: at most ${MOST_LABELS}`;
  const twice = labels.find((label, i) => labels.indexOf(label) < i);
  return twice === undefined ? null : `labels have ${JSON.stringify(twice.slice(0, 100))} twice`;
}

function softmax(values: readonly number[]): number[] {
  const most = Math.max(...values);
  const powers = values.map(value => Math.exp(value - most));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map(power => power / sum);
}
