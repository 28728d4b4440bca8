import { checkpointFiles } from '../../gpu-backend/checkpoint-files.ts';
import { createOnnxRuntime } from '../../gpu-backend/onnxruntime-node.ts';
import { Config } from '../../models/checkpoint/config.ts';
import { CheckpointError } from '../../models/checkpoint/error.ts';
import { layouts } from '../../models/checkpoint/layouts.ts';
import { StableDiffusionPipeline } from '../../models/pipeline.ts';
import { readTokenizerCard } from '../../models/tokenizer/card.ts';
import { ClipTokenizer } from '../../models/tokenizer.ts';
import { UnsupportedError } from '../../models/unsupported.ts';
import { unsupportedVariant } from './components.ts';
import { GoldenError, type GoldenFolder } from './golden-folder.ts';

export interface GoldenPipeline {
  readonly pipeline: StableDiffusionPipeline;
  /** One for each text encoder. */
  readonly tokenizers: readonly ClipTokenizer[];
}

/**
 * Opens a checkpoint of the folder.
 * @param path e.g. `checkpoints/sd1-tiny`, or without the first part
 * @throws GoldenError, CheckpointError; UnsupportedError when it is a pipeline of a class that Darkroom does not run
 */
export async function openPipeline(folder: GoldenFolder, path: string): Promise<GoldenPipeline> {
  const index = [path, `checkpoints/${path}`].map(each => `${each}/model_index.json`).find(each => folder.has(each));
  if (index === undefined) throw new GoldenError(`${path}/model_index.json: no such file`);
  const root = folder.path(index.slice(0, -'/model_index.json'.length));
  const files = checkpointFiles(root);
  const name = String((await Config.read(files, 'model_index.json')).value('_class_name'));
  if (!Object.hasOwn(layouts, name)) throw new UnsupportedError(name);
  const loading = StableDiffusionPipeline.load(files, createOnnxRuntime({ folder: root }));
  const pipeline = await loading.catch((error: unknown) => {
    throw unsupportedVariant(error, `${name}: ${error instanceof CheckpointError ? error.file : ''}`) ?? error;
  });
  const cards = pipeline.checkpoint.texts.map(({ tokenizer }) => readTokenizerCard(files, tokenizer));
  return { pipeline, tokenizers: (await Promise.all(cards)).map(card => new ClipTokenizer(card)) };
}
