import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkpointFiles } from '../../gpu-backend/checkpoint-files.ts';
import { createOnnxRuntime } from '../../gpu-backend/onnxruntime-node.ts';
import { StableDiffusionPipeline } from '../../models/pipeline.ts';
import { fromPixels } from '../../models/pixels.ts';
import type { Tensor } from '../../models/runtime.ts';
import { schedulerClass } from '../../models/schedulers/names.ts';
import { encodePng } from '../../worker/images/png.ts';
import { darkroomPictures } from '../parity/darkroom-pictures.ts';
import type { ParitySettings } from '../parity/request.ts';
import { Progress } from '../progress.ts';
import { type Asked, writeWhole } from './job.ts';

/**
 * Makes every picture that is not there yet, with the checkpoint's own defaults where nothing else is asked for.
 * @param folder of one checkpoint: a picture is kept under what it depends on
 * @returns the files' names in `folder`
 * @throws CheckpointError, RangeError
 */
export async function makePictures(
  settings: ParitySettings,
  asked: readonly Asked[],
  folder: string,
): Promise<string[]> {
  const { guidanceScale, width, height } = settings;
  const scheduler = schedulerClass(settings.scheduler).class;
  const names = asked.map(({ prompt, seed, steps = settings.steps }) =>
    nameOf(JSON.stringify([prompt, seed, steps, guidanceScale, width, height, scheduler])),
  );
  const missing = names.flatMap((name, i) => (existsSync(join(folder, name)) ? [] : [{ name, ...asked[i]! }]));
  const progress = new Progress('pictures', missing.length);
  for (const steps of new Set(missing.map(each => each.steps ?? settings.steps))) {
    const some = missing.filter(each => (each.steps ?? settings.steps) === steps);
    const requests = some.map(({ prompt, seed }) => ({ prompt, seed, negativePrompt: '' }));
    let at = 0;
    for await (const pixels of darkroomPictures({ ...settings, steps }, requests)) {
      writeWhole(join(folder, some[at++]!.name), await encodePng(pixels, width, height));
      progress.step();
    }
  }
  return names;
}

/** What Darkroom's autoencoder makes of pictures `[n, height, width, 3] uint8`: decoded from the most likely latent. */
export async function makeReconstructions(
  settings: ParitySettings,
  { data, dims }: Tensor<Uint8Array>,
  folder: string,
): Promise<string[]> {
  const [count, height, width, channels] = dims as [number, number, number, number];
  const size = height * width * channels;
  const one = (i: number) => data.subarray(i * size, (i + 1) * size);
  const names = Array.from({ length: count }, (_, i) => nameOf(one(i)));
  const missing = names.flatMap((name, i) => (existsSync(join(folder, name)) ? [] : [i]));
  if (missing.length === 0) return names;
  const files = checkpointFiles(settings.folder);
  const pipeline = await StableDiffusionPipeline.load(files, createOnnxRuntime({ folder: settings.folder }));
  const progress = new Progress('reconstructions', missing.length);
  try {
    for (const i of missing) {
      const posterior = await pipeline.encode(fromPixels({ data: one(i), dims: [1, height, width, channels] }));
      const pixels = await pipeline.decodeToPixels(pipeline.scaleLatent(posterior.mean));
      writeWhole(join(folder, names[i]!), await encodePng(pixels.data, width, height));
      progress.step();
    }
  } finally {
    await pipeline.release();
  }
  return names;
}

/** Seconds from prompt to pixels of each picture, without the first, which also creates the sessions. */
export async function timePictures(settings: ParitySettings, asked: readonly Asked[]): Promise<number[]> {
  const progress = new Progress('pictures for the clock', asked.length);
  const seconds: number[] = [];
  let began = performance.now();
  for await (const _ of darkroomPictures(
    settings,
    asked.map(each => ({ ...each, negativePrompt: '' })),
  )) {
    seconds.push((performance.now() - began) / 1000);
    progress.step();
    began = performance.now();
  }
  return seconds.slice(1);
}

function nameOf(content: string | Uint8Array): string {
  return `${createHash('sha256').update(content).digest('hex').slice(0, 32)}.png`;
}
