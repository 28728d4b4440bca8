import { vocabularyFiles } from '../tokenizer/vocabulary.ts';
import { type Component, openComponent, readConfig } from './component.ts';
import type { Config } from './config.ts';
import type { CheckpointFiles } from './files.ts';
import { type Layout, layouts } from './layouts.ts';
import { openSchedulerConfig } from './scheduler-config.ts';

export type { Component } from './component.ts';

/** A text encoder and the folder of the tokenizer that makes its ids. */
export interface TextPart {
  readonly encoder: Component;
  /** e.g. `tokenizer_2` */
  readonly tokenizer: string;
}

/** A Stable Diffusion checkpoint in the diffusers folder layout. Only configs and the headers of weights were read. */
export interface Checkpoint {
  readonly files: CheckpointFiles;
  readonly paths: ReadonlySet<string>;
  readonly index: Config;
  /** In the order in which the UNet wants what they make. */
  readonly texts: readonly TextPart[];
  /** Which hidden states of the text encoders the UNet attends to. */
  readonly textStates: Layout['textStates'];
  /** Whether embeddings of zeros stand for a negative prompt that is not there, instead of those of an empty text. */
  readonly zerosForNoPrompt: boolean;
  /** Whether latents are brought to what is usual for each of their channels, where the autoencoder says that. */
  readonly latentStatistics: boolean;
  readonly unet: Component;
  readonly vae: Component;
  /** A small autoencoder that makes quick pictures of the same latents; null where there is no such folder. */
  readonly previewDecoder: Component | null;
  /** Makes small pictures of the same latents without a network; null where there is no such folder. */
  readonly preview: Component | null;
  /** Brings latents and texts into one space; null where there is no such folder. */
  readonly embedder: Component | null;
  /** Tells pictures like the data from others; null where there is no such folder. */
  readonly discriminator: Component | null;
  /** `scheduler/scheduler_config.json`, as the pipeline's class runs with it. */
  readonly scheduler: Config;
  /** Every file the checkpoint is made of, sorted: what its digest covers. */
  readonly contents: readonly string[];
}

/** Parts beside those that `model_index.json` names, by folder, and what their configs must call themselves. */
const extraClasses = {
  embedder: 'DarkroomEmbedder',
  discriminator: 'DarkroomDiscriminator',
  preview: 'LinearPreview',
  preview_decoder: 'AutoencoderTiny',
} as const;
const extraFiles = ['generation_config.json', 'vocabulary.json', 'outliers.json'];
const tokenizerFiles = ['added_tokens.json', 'tokenizer_config.json', 'special_tokens_map.json'];

/**
 * Opens a checkpoint: reads its configs and the headers of its weight files.
 * @throws CheckpointError when a file is missing or malformed, or `model_index.json` names a class that is not
 *   supported: names the file, the key, what was expected and what was found
 *
 * @example
 * const checkpoint = await openCheckpoint(checkpointFiles('models/shipped'));
 */
export async function openCheckpoint(files: CheckpointFiles): Promise<Checkpoint> {
  const paths = new Set(await files.list());
  const index = await readConfig(files, paths, 'model_index.json');
  const layout = layoutOf(index);
  const schedulerClass = expectClass(index, 'scheduler', /Scheduler$/, 'a scheduler');
  const scheduler = await openSchedulerConfig(files, paths, schedulerClass, layout.correctsScheduler);

  const open = (name: string, ...classes: readonly string[]) => {
    const pattern = new RegExp(`^(${classes.join('|')})$`);
    return openComponent(files, paths, name, expectClass(index, name, pattern, `a ${classes.join(' or ')}`));
  };
  const present = layout.texts.filter(({ encoder, optional }) => !(optional && isNone(index, encoder)));
  const [unet, vae, preview, previewDecoder, embedder, discriminator, ...encoders] = await Promise.all([
    open('unet', 'UNet2DConditionModel'),
    open('vae', 'AutoencoderKL'),
    openExtra(files, paths, 'preview'),
    openExtra(files, paths, 'preview_decoder'),
    openExtra(files, paths, 'embedder'),
    openExtra(files, paths, 'discriminator'),
    ...present.map(({ encoder, classes }) => open(encoder, ...classes)),
  ]);
  const texts = encoders.map((encoder, i): TextPart => ({ encoder, tokenizer: present[i]!.tokenizer }));
  for (const { tokenizer } of texts) {
    expectClass(index, tokenizer, /^CLIPTokenizer(Fast)?$/, 'a CLIPTokenizer');
  }
  const vocabularies = texts.flatMap(({ tokenizer }) => vocabularyFiles(paths, tokenizer));

  const parts = [...encoders, unet, vae];
  const read = [index, scheduler, ...parts.map(({ config }) => config)].map(({ file }) => file);
  const weights = parts.flatMap(part => part.weights.files);
  const tokenizers = texts.flatMap(({ tokenizer }) => tokenizerFiles.map(name => `${tokenizer}/${name}`));
  const optional = [...tokenizers, ...extraFiles].filter(path => paths.has(path));
  const extras = [...paths].filter(path => Object.hasOwn(extraClasses, path.slice(0, path.indexOf('/'))));
  return {
    files,
    paths,
    index,
    texts,
    textStates: layout.textStates,
    latentStatistics: layout.latentStatistics,
    zerosForNoPrompt: layout.zerosForNoPrompt && index.boolean('force_zeros_for_empty_prompt', true),
    unet,
    vae,
    preview,
    previewDecoder,
    embedder,
    discriminator,
    scheduler,
    contents: [...new Set([...read, ...weights, ...vocabularies, ...optional, ...extras])].sort(),
  };
}

function layoutOf(index: Config): Layout {
  const name = index.value('_class_name');
  const layout = typeof name === 'string' && Object.hasOwn(layouts, name) ? layouts[name] : undefined;
  if (!layout)
    throw index.error(
      '_class_name',
      Object.keys(layouts)
        .map(each => `"${each}"`)
        .join(' or '),
      name,
    );
  // A refiner is told how beautiful its picture should be instead of its size.
  index.only('requires_aesthetics_score', false, null);
  return layout;
}

/** A part that the index does not name; null where it is not there. */
async function openExtra(
  files: CheckpointFiles,
  paths: ReadonlySet<string>,
  name: keyof typeof extraClasses,
): Promise<Component | null> {
  if (!paths.has(`${name}/config.json`)) return null;
  const component = await openComponent(files, paths, name, extraClasses[name]);
  component.config.only('_class_name', extraClasses[name]);
  return component;
}

/** diffusers writes `[null, null]` for a part that was left out. */
function isNone(index: Config, key: string): boolean {
  const entry = index.value(key) ?? null;
  return entry === null || (Array.isArray(entry) && entry[1] === null);
}

/** An entry of the index is `[library, class]`. @returns the class */
function expectClass(index: Config, key: string, accepted: RegExp, expected: string): string {
  const entry = index.value(key);
  const name = Array.isArray(entry) ? entry[1] : undefined;
  if (typeof name !== 'string' || !accepted.test(name)) throw index.error(key, expected, name);
  return name;
}
