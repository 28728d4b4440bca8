import { readFileSync } from 'node:fs';
import { checkpointFiles } from '../../gpu-backend/checkpoint-files.ts';
import { createOnnxRuntime } from '../../gpu-backend/onnxruntime-node.ts';
import { StableDiffusionPipeline } from '../../models/pipeline.ts';
import { fromPixels } from '../../models/pixels.ts';
import { resize } from '../../models/resize.ts';
import type { FloatTensor } from '../../models/runtime.ts';
import { schedulerConfig } from '../../models/schedulers/names.ts';
import { readTokenizerCard } from '../../models/tokenizer/card.ts';
import { ClipTokenizer } from '../../models/tokenizer.ts';
import { decodePng, readPngFile } from '../../worker/images/png-file.ts';
import type { ParityRequest, ParityResult, ParitySettings } from './request.ts';

/** A PNG's picture as the encoder wants it, `[1, 3, height, width] float32` in -1..1. */
function pictureIn(file: string, width: number, height: number): FloatTensor {
  const picture = decodePng(readPngFile(readFileSync(file)));
  const { data, dims } = resize({ data: picture.data, dims: [picture.height, picture.width, 3] }, width, height);
  return fromPixels({ data, dims: [1, ...dims] });
}

/** Makes the pictures one by one. @throws CheckpointError, UnsupportedError, RangeError */
export async function* darkroomResults(
  settings: ParitySettings,
  requests: readonly ParityRequest[],
): AsyncGenerator<ParityResult, void, void> {
  const { folder, steps, guidanceScale, width, height, start } = settings;
  const files = checkpointFiles(folder);
  const pipeline = await StableDiffusionPipeline.load(files, createOnnxRuntime({ folder }));
  const cards = pipeline.checkpoint.texts.map(({ tokenizer }) => readTokenizerCard(files, tokenizer));
  const tokenizers = (await Promise.all(cards)).map(card => new ClipTokenizer(card));
  const encode = (text: string) => pipeline.encodeText(tokenizers.map(each => each.pad(each.encode(text).ids).ids));
  try {
    for (const { prompt, negativePrompt, seed, scheduler = settings.scheduler } of requests) {
      let latent: FloatTensor | undefined;
      const denoising = pipeline.denoise({
        ...(await encode(prompt)),
        negative: await encode(negativePrompt),
        seeds: [seed],
        width,
        height,
        scheduler: schedulerConfig(scheduler, pipeline.schedulerConfig),
        steps,
        guidanceScale,
        start: start && { strength: start.strength, image: pictureIn(start.file, width, height) },
      });
      for await (const step of denoising) latent = step.latent;
      yield { pixels: (await pipeline.decodeToPixels(latent!)).data, latent: latent!.data };
    }
  } finally {
    await pipeline.release();
  }
}

/** The same, the bytes alone. */
export async function* darkroomPictures(
  settings: ParitySettings,
  requests: readonly ParityRequest[],
): AsyncGenerator<Uint8Array, void, void> {
  for await (const { pixels } of darkroomResults(settings, requests)) yield pixels;
}
