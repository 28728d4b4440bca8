/** Every codec at every setting over held-out scenes. */
import { join } from 'node:path';
import { writeWhole } from '../../../scripts/evaluate/job.ts';
import { Progress } from '../../../scripts/progress.ts';
import { encodePng } from '../../../worker/images/png.ts';
import { meanSquaredError, psnrOf } from '../../../worker/laboratory/image-error.ts';
import { isRight, judge } from '../reuse/judge.ts';
import { type Codec, rivals } from './codecs.ts';
import type { Curve } from './curve.ts';
import { type HeldOut, heldOutScenes, side } from './held-out.ts';
import { Laboratory } from './laboratory.ts';

/** All that the documents are made from. */
export interface Measured {
  readonly scenes: number;
  /** The judge's accuracy on the renderings themselves. */
  readonly original: number;
  /** The autoencoder alone: one point. */
  readonly unquantised: Curve;
  /** `.dklat` first. */
  readonly curves: readonly Curve[];
}

interface Sample {
  readonly codec: string;
  readonly setting: string;
  readonly bytes: number;
  readonly psnr: number;
  readonly similarity: number;
  readonly scene: HeldOut;
  /** A PNG, for the judge. */
  readonly file: string;
}

/**
 * @param folder of the checkpoint
 * @param work a folder for pictures on their way, about 500 kB a scene
 * @throws PythonError, CheckpointError
 */
export async function measure(folder: string, count: number, work: string): Promise<Measured> {
  const scenes = await heldOutScenes(count, work);
  const laboratory = await Laboratory.open(folder);
  const codecs = [laboratory.dklat, ...rivals, laboratory.unquantised];
  const samples: Sample[] = [];
  const progress = new Progress('scenes', scenes.length);
  try {
    for (const [i, scene] of scenes.entries()) {
      samples.push(...(await codedBy(codecs, scene, laboratory, join(work, String(i)))));
      progress.step();
    }
  } finally {
    await laboratory.release();
  }
  console.error('The judge looks at all of them …');
  const originals = scenes.map((scene, i) => ({ ...named(scene), file: originalOf(join(work, String(i))) }));
  const shown = [...originals, ...samples.map(({ scene, file }) => ({ ...named(scene), file }))];
  const verdicts = await judge(shown, work);
  const right = shown.map((asked, i) => isRight(asked, verdicts[i]!));
  const curves = codecs.map(codec => curveOf(codec, samples, right.slice(scenes.length)));
  return {
    scenes: scenes.length,
    original: mean(right.slice(0, scenes.length).map(Number)),
    unquantised: curves.at(-1)!,
    curves: curves.slice(0, -1),
  };
}

async function codedBy(
  codecs: readonly Codec[],
  scene: HeldOut,
  laboratory: Laboratory,
  name: string,
): Promise<Sample[]> {
  const save = async (path: string, pixels: Uint8Array) => {
    writeWhole(path, await encodePng(pixels, side, side));
    return path;
  };
  await save(originalOf(name), scene.pixels);
  const embedding = await laboratory.embedding(await laboratory.encode(scene.pixels));
  const samples: Sample[] = [];
  for (const [c, codec] of codecs.entries()) {
    for (const [s, setting] of codec.settings.entries()) {
      const { bytes, pixels } = await setting.code(scene.pixels);
      samples.push({
        codec: codec.name,
        setting: setting.name,
        bytes,
        psnr: psnrOf(meanSquaredError(picture(scene.pixels), picture(pixels))),
        similarity: await laboratory.similarity(embedding, pixels),
        scene,
        file: await save(`${name}-${c}-${s}.png`, pixels),
      });
    }
  }
  return samples;
}

/** What is handed to the judge: without the pixels, which it reads from the file. */
function named({ things, relation, background }: HeldOut) {
  return { things, relation, background };
}

function originalOf(name: string): string {
  return `${name}-original.png`;
}

function picture(data: Uint8Array) {
  return { data, width: side, height: side };
}

function curveOf(codec: Codec, samples: readonly Sample[], right: readonly boolean[]): Curve {
  const points = codec.settings.map(({ name }) => {
    const own = samples.flatMap((sample, i) =>
      sample.codec === codec.name && sample.setting === name ? [{ ...sample, accuracy: Number(right[i]) }] : [],
    );
    const meanOf = (key: 'bytes' | 'psnr' | 'similarity' | 'accuracy') => mean(own.map(sample => sample[key]));
    return {
      setting: name,
      bytes: meanOf('bytes'),
      psnr: meanOf('psnr'),
      similarity: meanOf('similarity'),
      accuracy: meanOf('accuracy'),
    };
  });
  return { codec: codec.name, points };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
