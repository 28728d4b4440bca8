import { Config } from './config.ts';
import { CheckpointError } from './error.ts';
import type { CheckpointFiles } from './files.ts';
import { findWeights } from './weight-files.ts';
import { Weights } from './weights.ts';

/** A part of the model: its config and where its weights lie. */
export interface Component {
  /** The folder's name, e.g. `unet`. */
  readonly name: string;
  /** What diffusers or transformers call it, e.g. `UNet2DConditionModel`. */
  readonly class: string;
  readonly config: Config;
  readonly weights: Weights;
}

/** What each library, and Darkroom itself, calls the weights it saves, without ending. */
const weightNames = {
  CLIPTextModel: 'model',
  CLIPTextModelWithProjection: 'model',
  DarkroomEmbedder: 'model',
  DarkroomDiscriminator: 'model',
  LinearPreview: 'model',
} as const;
const otherWeights = 'diffusion_pytorch_model';

/**
 * Opens a part of a checkpoint: reads its config and the header of its weights.
 * @param name the folder's
 * @param className what the index says it is
 * @throws CheckpointError when a file is missing or malformed
 */
export async function openComponent(
  files: CheckpointFiles,
  paths: ReadonlySet<string>,
  name: string,
  className: string,
): Promise<Component> {
  const config = await readConfig(files, paths, `${name}/config.json`);
  const base = weightNames[className as keyof typeof weightNames] ?? otherWeights;
  const weights = await Weights.open(files, findWeights(paths, name, base), paths);
  return { name, class: className, config, weights };
}

/** @throws CheckpointError when it is missing or not a JSON object */
export async function readConfig(files: CheckpointFiles, paths: ReadonlySet<string>, file: string): Promise<Config> {
  expectFile(paths, file);
  return Config.read(files, file);
}

/** @throws CheckpointError when it is missing */
export function expectFile(paths: ReadonlySet<string>, file: string): void {
  if (!paths.has(file)) throw new CheckpointError(file, null, 'a file', 'none');
}
