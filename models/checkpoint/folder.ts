import { Config } from './config.ts';
import { CheckpointError } from './error.ts';
import type { CheckpointFiles } from './files.ts';
import { Weights } from './weights.ts';

/** A part of the model: its config and where its weights lie. */
export interface Component {
  /** The folder's name, e.g. `unet`. */
  readonly name: string;
  readonly config: Config;
  readonly weights: Weights;
}

/** A Stable Diffusion checkpoint in the diffusers folder layout. Only configs and the headers of weights were read. */
export interface Checkpoint {
  readonly files: CheckpointFiles;
  readonly paths: ReadonlySet<string>;
  readonly index: Config;
  readonly textEncoder: Component;
  readonly unet: Component;
  readonly vae: Component;
  /** `scheduler/scheduler_config.json` */
  readonly scheduler: Config;
  /** Every file the checkpoint is made of, sorted: what its digest covers. */
  readonly contents: readonly string[];
}

/** What a component may be, and the name diffusers gives its weights. */
const classes = {
  textEncoder: { folder: 'text_encoder', class: 'CLIPTextModel', weights: 'model.safetensors' },
  unet: { folder: 'unet', class: 'UNet2DConditionModel', weights: 'diffusion_pytorch_model.safetensors' },
  vae: { folder: 'vae', class: 'AutoencoderKL', weights: 'diffusion_pytorch_model.safetensors' },
} as const;

/** Darkroom's own parts, beside what `model_index.json` names. */
const extraFolders = ['embedder', 'discriminator'];
const extraFiles = ['generation_config.json', 'vocabulary.json'];
const tokenizerFiles = ['vocab.json', 'merges.txt', 'tokenizer_config.json', 'special_tokens_map.json'];

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
  const pipeline = index.value('_class_name');
  if (pipeline !== 'StableDiffusionPipeline') throw index.error('_class_name', '"StableDiffusionPipeline"', pipeline);
  expectClass(index, 'tokenizer', /^CLIPTokenizer(Fast)?$/, 'CLIPTokenizer');
  expectClass(index, 'scheduler', /Scheduler$/, 'scheduler');
  const scheduler = await readConfig(files, paths, 'scheduler/scheduler_config.json');
  const [textEncoder, unet, vae] = await Promise.all([
    openComponent(files, paths, index, classes.textEncoder),
    openComponent(files, paths, index, classes.unet),
    openComponent(files, paths, index, classes.vae),
  ]);
  for (const name of ['tokenizer/vocab.json', 'tokenizer/merges.txt']) expectFile(paths, name);

  const named = [index, scheduler, textEncoder.config, unet.config, vae.config].map(config => config.file);
  const weights = [textEncoder, unet, vae].map(component => component.weights.file);
  const tokenizer = tokenizerFiles.map(name => `tokenizer/${name}`);
  const optional = [...tokenizer, ...extraFiles].filter(path => paths.has(path));
  const extras = [...paths].filter(path => extraFolders.some(folder => path.startsWith(`${folder}/`)));
  const contents = [...new Set([...named, ...weights, ...optional, ...extras])].sort();
  return { files, paths, index, textEncoder, unet, vae, scheduler, contents };
}

async function openComponent(
  files: CheckpointFiles,
  paths: ReadonlySet<string>,
  index: Config,
  { folder, class: name, weights }: (typeof classes)[keyof typeof classes],
): Promise<Component> {
  expectClass(index, folder, new RegExp(`^${name}$`), name);
  const config = await readConfig(files, paths, `${folder}/config.json`);
  const file = `${folder}/${weights}`;
  expectFile(paths, file);
  return { name: folder, config, weights: await Weights.open(files, file) };
}

/** An entry of the index is `[library, class]`. */
function expectClass(index: Config, key: string, accepted: RegExp, expected: string): void {
  const entry = index.value(key);
  const name = Array.isArray(entry) ? entry[1] : undefined;
  if (typeof name !== 'string' || !accepted.test(name)) throw index.error(key, `a ${expected}`, name);
}

async function readConfig(files: CheckpointFiles, paths: ReadonlySet<string>, file: string): Promise<Config> {
  expectFile(paths, file);
  return Config.read(files, file);
}

function expectFile(paths: ReadonlySet<string>, file: string): void {
  if (!paths.has(file)) throw new CheckpointError(file, null, 'a file', 'none');
}
