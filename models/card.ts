import type { CheckpointCard, VocabularyEntry } from '../wire/card.ts';
import { browserFiles } from './checkpoint/browser-files.ts';
import { Config } from './checkpoint/config.ts';
import { checkpointDigest } from './checkpoint/digest.ts';
import type { Checkpoint } from './checkpoint/folder.ts';
import { expectOwnTextEncoder } from './embedder/own-text-encoder.ts';
import { generationDefaults } from './generation/defaults.ts';
import { generationLimits } from './generation/limits.ts';
import { heldOutOf } from './outlier/held-out.ts';
import type { StableDiffusionPipeline } from './pipeline.ts';
import { schedulerNamesFor } from './schedulers/names.ts';
import { readTokenizerCard } from './tokenizer/card.ts';

const maxCount = 16;

/**
 * All that the edge must know of a checkpoint. The digest covers everything the card is made of.
 *
 * Defaults come from an optional `generation_config.json` (`num_inference_steps`, `guidance_scale`, `scheduler`, `width`,
 * `height`), the vocabulary from an optional `vocabulary.json` (`{"version": 1, "entries": [{"phrase", "kind", "also"}]}`),
 * how far off its own held-out scenes are from an optional `outliers.json`.
 *
 * @param name what people call it
 * @throws CheckpointError naming file, key, what was expected and what was found
 */
export async function checkpointCard(pipeline: StableDiffusionPipeline, name: string): Promise<CheckpointCard> {
  const { checkpoint, unet, autoencoder, embedder, discriminator } = pipeline;
  await expectOwnTextEncoder(checkpoint);
  const { files, texts, vae, scheduler } = checkpoint;
  const parts = [...texts.map(({ encoder }) => encoder), checkpoint.unet, vae];
  const [height, width] = unet.config.sampleSize;
  const { scale, latentChannels } = autoencoder.config;
  return {
    version: 1,
    name,
    digest: await checkpointDigest(checkpoint),
    bytes: await bytesOf(checkpoint),
    memoryBytes: pipeline.sessions.reduce((sum, { held }) => sum + held, 0),
    parameterCount: parts.reduce((sum, part) => sum + part.weights.parameterCount, 0),
    latentShape: [latentChannels, height, width],
    latentScale: scale,
    tokenizers: await Promise.all(texts.map(({ tokenizer }) => readTokenizerCard(files, tokenizer))),
    zerosForNoPrompt: checkpoint.zerosForNoPrompt,
    sizeConditioning: unet.config.addition !== null,
    scheduler: scheduler.values,
    schedulers: schedulerNamesFor(scheduler.values),
    discriminator: discriminator !== null,
    realFrom: discriminator?.config.threshold ?? null,
    embedder: embedder !== null,
    embedding: embedder && { size: embedder.config.projectionDim, logitScale: embedder.config.logitScale },
    defaults: await generationDefaults(checkpoint, width * scale, height * scale),
    limits: { ...generationLimits(pipeline), maxCount },
    vocabulary: await vocabularyOf(checkpoint),
    heldOut: await heldOutOf(checkpoint),
    browser: await browserFiles(checkpoint),
  };
}

async function bytesOf({ files, contents }: Checkpoint): Promise<number> {
  const sizes = await Promise.all(contents.map(path => files.size(path)));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** What a checkpoint says it was taught; null where it does not. @throws CheckpointError when that is malformed */
export async function vocabularyOf({ files, paths }: Checkpoint): Promise<readonly VocabularyEntry[] | null> {
  const file = 'vocabulary.json';
  if (!paths.has(file)) return null;
  const config = await Config.read(files, file);
  config.only('version', 1);
  const entries = config.value('entries');
  if (!Array.isArray(entries)) throw config.error('entries', 'a list', entries);
  const texts = (value: unknown): value is string[] =>
    Array.isArray(value) && value.every(item => typeof item === 'string');
  return entries.map((entry: unknown, i): VocabularyEntry => {
    const { phrase, kind, also = [] } = (entry ?? {}) as Partial<Record<keyof VocabularyEntry, unknown>>;
    if (typeof phrase !== 'string' || typeof kind !== 'string' || !texts(also)) {
      throw config.error(`entries[${i}]`, '{ "phrase": text, "kind": text, "also": [texts] }', entry);
    }
    return { phrase, kind, also };
  });
}
