import { readFileSync } from 'node:fs';
import { checkpointFiles } from '../../gpu-backend/checkpoint-files.ts';
import { createOnnxRuntime } from '../../gpu-backend/onnxruntime-node.ts';
import { readSafetensors } from '../../models/checkpoint/safetensors.ts';
import { outlierMeasure } from '../../models/outlier.ts';
import { StableDiffusionPipeline } from '../../models/pipeline.ts';
import { fromPixels } from '../../models/pixels.ts';
import type { Tensor } from '../../models/runtime.ts';
import { Progress } from '../progress.ts';

/** `[height, width, 3] uint8` */
export type Picture = Tensor<Uint8Array>;

/** The sets that `python -m outliers` has drawn, by name. */
export function readSets(file: string): Map<string, Picture[]> {
  return new Map(
    [...readSafetensors(readFileSync(file))].map(([name, { data, dims }]) => {
      const [count, ...size] = dims as [number, number, number, number];
      const length = data.length / count;
      const one = (i: number) => (data as Uint8Array).subarray(i * length, (i + 1) * length);
      return [name, Array.from({ length: count }, (_, i) => ({ data: one(i), dims: size }))];
    }),
  );
}

/**
 * How far off a checkpoint's autoencoder is on each picture, by the measure that the API goes by.
 * @param folder the checkpoint's
 * @throws CheckpointError, RangeError
 */
export async function measurePictures(folder: string, sets: ReadonlyMap<string, readonly Picture[]>) {
  const pipeline = await StableDiffusionPipeline.load(checkpointFiles(folder), createOnnxRuntime({ folder }));
  const progress = new Progress(
    'pictures',
    [...sets.values()].reduce((sum, { length }) => sum + length, 0),
  );
  const measures = new Map<string, number[]>();
  try {
    for (const [name, pictures] of sets) {
      const found: number[] = [];
      for (const picture of pictures) {
        found.push(outlierMeasure(picture, await reconstruct(pipeline, picture)));
        progress.step();
      }
      measures.set(name, found);
    }
  } finally {
    await pipeline.release();
  }
  return measures;
}

/** What the autoencoder makes of a picture: decoded from its most likely latent. */
async function reconstruct(pipeline: StableDiffusionPipeline, { data, dims }: Picture): Promise<Picture> {
  const { mean } = await pipeline.encode(fromPixels({ data, dims: [1, ...dims] }));
  return { data: (await pipeline.decodeToPixels(pipeline.scaleLatent(mean))).data, dims };
}
