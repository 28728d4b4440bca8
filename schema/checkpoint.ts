import type { BrowserFile, CheckpointCard } from '../wire/card.ts';
import { builder } from './builder.ts';
import type { CheckpointService } from './context.ts';
import { CheckpointNotFound } from './errors.ts';
import { costs } from './field-cost.ts';
import { mostImagesOf } from './most-images.ts';
import { NodeInterface, nodeId } from './node.ts';
import { pageSize } from './page.ts';
import { defaultSchedulerOf, SchedulerType, schedulersOf } from './scheduler.ts';
import { SimilaritySpaceType, spacesOf } from './similarity-space.ts';
import { pageVocabulary, VocabularyConnection } from './vocabulary.ts';

const GenerationDefaultsType = builder.objectRef<CheckpointCard>('GenerationDefaults').implement({
  description: 'What `generate` uses for what its input leaves out.',
  fields: t => ({
    width: t.int({ description: 'Pixels.', resolve: card => card.defaults.width }),
    height: t.int({ description: 'Pixels.', resolve: card => card.defaults.height }),
    steps: t.int({ description: 'Denoising steps.', resolve: card => card.defaults.steps }),
    guidanceScale: t.float({
      description: 'How strongly the prompt steers; 1 and less is without classifier-free guidance.',
      resolve: card => card.defaults.guidanceScale,
    }),
    scheduler: t.field({ type: SchedulerType, description: 'The scheduler.', resolve: defaultSchedulerOf }),
  }),
});

const GenerationLimitsType = builder.objectRef<CheckpointCard>('GenerationLimits').implement({
  description: 'What `generate` accepts for this checkpoint.',
  fields: t => ({
    maxSteps: t.int({ description: 'The most denoising steps.', resolve: card => card.limits.maxSteps }),
    maxWidth: t.int({ description: 'The greatest width in pixels.', resolve: card => card.limits.maxWidth }),
    maxHeight: t.int({ description: 'The greatest height in pixels.', resolve: card => card.limits.maxHeight }),
    multipleOf: t.int({
      description: 'Width and height are multiples of it, and at least as much.',
      resolve: card => card.limits.multipleOf,
    }),
    maxCount: t.int({ description: 'The most images of one generation.', resolve: mostImagesOf }),
    maxPromptCharacters: t.int({
      description: 'The most characters (Unicode code points) of a prompt.',
      resolve: (_, __, { services }) => services.prompts.maxCharacters,
    }),
  }),
});

/** Something of a checkpoint that lies at an address. */
interface OfCheckpoint<T> {
  readonly digest: string;
  readonly of: T;
}

const BrowserDecoderType = builder
  .objectRef<OfCheckpoint<Readonly<Record<'config' | 'weights', BrowserFile>>>>('BrowserDecoder')
  .implement({
    description: 'The autoencoder’s decoder, for browsers that make pictures of latents themselves.',
    fields: t => ({
      configUrl: t.string({
        description: 'The autoencoder’s config as diffusers has it. Absolute, and works without headers.',
        resolve: ({ digest, of }, _, { services }) => services.checkpointFiles.url(digest, of.config.path),
      }),
      weightsUrl: t.string({
        description:
          'A .safetensors file with the decoder’s weights and not the encoder’s, named as in the checkpoint. Absolute, and ' +
          'works without headers; its path, without the token, always has the same bytes.',
        resolve: ({ digest, of }, _, { services }) => services.checkpointFiles.url(digest, of.weights.path),
      }),
      bytes: t.float({
        description: 'What both take.',
        resolve: ({ of }) => of.config.bytes + of.weights.bytes,
      }),
    }),
  });

const BrowserFileType = builder.objectRef<OfCheckpoint<BrowserFile>>('BrowserFile').implement({
  description: 'A file of a checkpoint.',
  fields: t => ({
    path: t.string({
      description: 'Where it lies in the checkpoint’s folder, such as `unet/config.json`.',
      resolve: ({ of }) => of.path,
    }),
    url: t.string({
      description: 'Absolute, and works without headers; its path, without the token, always has the same bytes.',
      resolve: ({ digest, of }, _, { services }) => services.checkpointFiles.url(digest, of.path),
    }),
    bytes: t.float({ description: 'What it takes.', resolve: ({ of }) => of.bytes }),
  }),
});

/** A checkpoint that browsers may have has a few configs and weights, in all some twenty files. */
const MOST_BROWSER_FILES = 30;

const BrowserCheckpointType = builder.objectRef<OfCheckpoint<readonly BrowserFile[]>>('BrowserCheckpoint').implement({
  description: 'A checkpoint’s folder as a browser needs it to make pictures itself, the way from the prompt on.',
  fields: t => ({
    bytes: t.float({
      description: 'What all of it takes.',
      resolve: ({ of }) => of.reduce((sum, { bytes }) => sum + bytes, 0),
    }),
    files: t.field({
      type: [BrowserFileType],
      description: 'Its files: the checkpoint’s own, but of the autoencoder the decoder’s weights alone.',
      extensions: costs({ size: () => MOST_BROWSER_FILES }),
      resolve: ({ digest, of }) => of.map(file => ({ digest, of: file })),
    }),
  }),
});

export const CheckpointType = builder.objectRef<CheckpointCard>('Checkpoint').implement({
  description: 'A set of trained models that work together: text encoder, UNet and autoencoder.',
  interfaces: [NodeInterface],
  fields: t => ({
    id: t.id({ description: 'For `node`.', resolve: card => nodeId('Checkpoint', card.digest) }),
    name: t.exposeString('name', { description: 'What `generate` takes as `checkpoint`.' }),
    digest: t.exposeString('digest', {
      description: 'SHA-256 over its weights and configs, lower-case hex: another digest, other pictures.',
    }),
    default: t.boolean({
      description: 'Whether it is taken when none is named.',
      resolve: async (card, _, { services }) => (await services.checkpoints.find(null))?.digest === card.digest,
    }),
    parameterCount: t.exposeFloat('parameterCount', { description: 'How many numbers were learned.' }),
    bytes: t.float({
      nullable: true,
      description: 'What its files take on disk. Null where the backend that told of it is too old to say.',
      resolve: card => card.bytes ?? null,
    }),
    memoryBytes: t.float({
      nullable: true,
      description:
        'What its weights take in memory when all of it is loaded: more than on disk where they are of 16 bits, since ' +
        'they are computed with as 32. What a picture takes meanwhile comes on top. Null as `bytes`.',
      resolve: card => card.memoryBytes ?? null,
    }),
    loaded: t.boolean({
      nullable: true,
      description:
        'Whether a backend has it in memory at this moment, at least in part. The next picture of one that is not loaded ' +
        'waits until it is, and others may have to make room for it. Null when no backend answers.',
      resolve: async (card, _, { services }) => (await services.checkpoints.loaded())?.has(card.digest) ?? null,
    }),
    maxTokens: t.int({
      description: 'How many tokens of a prompt the model reads, begin and end tokens included.',
      resolve: card => Math.min(...card.tokenizers.map(tokenizer => tokenizer.maxLength)),
    }),
    latentShape: t.intList({
      description: '`[channels, height, width]` of a latent at the checkpoint’s own size.',
      resolve: card => [...card.latentShape],
    }),
    schedulers: t.field({
      type: [SchedulerType],
      description: 'The schedulers it can be run with here.',
      resolve: schedulersOf,
    }),
    spaces: t.field({
      type: [SimilaritySpaceType],
      description: 'The spaces in which its latents can be compared.',
      resolve: spacesOf,
    }),
    discriminator: t.exposeBoolean('discriminator', {
      description: 'Whether it has a discriminator: a model that tells its images from the data’s.',
    }),
    defaults: t.field({
      type: GenerationDefaultsType,
      description: 'What is used for what is left out.',
      resolve: card => card,
    }),
    limits: t.field({ type: GenerationLimitsType, description: 'What is accepted.', resolve: card => card }),
    decoder: t.field({
      type: BrowserDecoderType,
      nullable: true,
      description:
        'What a browser needs to decode its latents itself. Null where the backend that told of it is too old to say.',
      resolve: ({ digest, browser }) => (browser ? { digest, of: browser.decoder } : null),
    }),
    browser: t.field({
      type: BrowserCheckpointType,
      nullable: true,
      description:
        'What a browser needs to make pictures itself. Null where that would be more than 64 MB, or the backend that told ' +
        'of it is too old to say.',
      resolve: ({ digest, browser }) => (browser?.files ? { digest, of: browser.files } : null),
    }),
    vocabulary: t.field({
      type: VocabularyConnection,
      nullable: true,
      description: 'What a prompt may name. Null where the checkpoint does not say what it was taught.',
      args: {
        first: t.arg.int({ description: 'How many, 0 to 100. Default 20.' }),
        after: t.arg.string({ description: 'The cursor of the edge after which the page starts.' }),
        search: t.arg.string({ description: 'Only entries with this text in one of their names, in any case.' }),
        kind: t.arg.string({ description: 'Only entries of this kind.' }),
      },
      extensions: costs({ size: pageSize }),
      resolve: (card, args) => card.vocabulary && pageVocabulary(card.vocabulary, args),
    }),
  }),
});

const MOST_NAME_CHARACTERS = 200;
const MOST_QUOTED_CHARACTERS = 100;

/** @throws CheckpointNotFound, with the names that there are */
export async function findCheckpoint(
  checkpoints: CheckpointService,
  name: string | null | undefined,
): Promise<CheckpointCard> {
  // A name of megabytes is nobody's, and no store need be asked.
  const card = name != null && name.length > MOST_NAME_CHARACTERS ? null : await checkpoints.find(name ?? null);
  if (card) return card;
  const wanted = name ?? checkpoints.defaultName;
  const known = new Set((await checkpoints.list()).map(card => JSON.stringify(card.name)));
  if (wanted === null || known.size === 0) throw new CheckpointNotFound('No checkpoint is loaded');
  const missing = `There is no checkpoint ${JSON.stringify(wanted.slice(0, MOST_QUOTED_CHARACTERS))}`;
  const why = name == null ? ', which is this server’s default (DEFAULT_CHECKPOINT)' : '';
  throw new CheckpointNotFound(`${missing}${why}. Name one that there is: ${[...known].join(', ')}`);
}

builder.queryFields(t => ({
  checkpoints: t.field({
    type: [CheckpointType],
    nullable: true,
    description:
      'The checkpoints that the backends have, the default one first. Of a backend that is down, those that it had.',
    resolve: async (_, __, { services }) => [...(await services.checkpoints.list())],
  }),
  checkpoint: t.field({
    type: CheckpointType,
    nullable: true,
    description: 'A checkpoint by name; the server’s default when absent. NOT_FOUND for a name that is unknown.',
    args: { name: t.arg.string({ description: 'Its name; the server’s default when absent.' }) },
    resolve: (_, { name }, { services }) => findCheckpoint(services.checkpoints, name),
  }),
}));
