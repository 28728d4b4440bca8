import { z } from 'zod';
import { checkpointFiles } from '../../../gpu-backend/checkpoint-files.ts';
import { createOnnxRuntime } from '../../../gpu-backend/onnxruntime-node.ts';
import { Autoencoder } from '../../../models/autoencoder.ts';
import { Config } from '../../../models/checkpoint/config.ts';
import { Weights } from '../../../models/checkpoint/weights.ts';
import { UNet } from '../../../models/unet.ts';
import { UnsupportedError } from '../../../models/unsupported.ts';
import { createModel, type GoldenComponent, modelClass } from '../components.ts';
import { type Numbers, relativeError } from '../difference.ts';
import { GoldenError, type GoldenFolder } from '../golden-folder.ts';
import { RecordingRuntime } from '../recording-runtime.ts';
import type { Report } from '../report.ts';
import { autoencoderTolerance } from './autoencoder.ts';
import { unetTolerance } from './unet.ts';

const schema = z.looseObject({
  config: z.string(),
  weights: z.record(z.string(), z.string()),
  inputs: z.record(z.string(), z.string()),
});

/** Compares what comes of weights stored in 16 bits, computed in float32. */
export async function compareDtypes(folder: GoldenFolder, report: Report): Promise<void> {
  for (const path of folder.filesEnding('.json', 'dtype')) {
    await report.attempt('16-bit weights', path, async () => {
      const { config, weights, inputs } = folder.json(path, schema);
      const golden = folder.tensors(path.replace(/\.json$/, '.safetensors'));
      for (const [output, input] of Object.entries(inputs)) {
        const name = `${path} ${output}`;
        await report.attempt('16-bit weights', name, async () => {
          const [part] = output.split('.') as [string];
          const file = weights[part]?.split(' ')[0];
          if (file === undefined) throw new GoldenError(`${path}: no weights for ${output}`);
          const component = await openLoose(folder, config.replace(/\{[^}]*\}/, part), 'dtype', file);
          const expected = golden.get(output);
          const error = await errorOf(component, output, readInput(folder, input), expected);
          const tolerance = component.class === 'UNet2DConditionModel' ? unetTolerance : autoencoderTolerance;
          report.compare('16-bit weights', name, error, tolerance);
        });
      }
    });
  }
}

/** A component whose weights lie elsewhere than its config. */
async function openLoose(
  folder: GoldenFolder,
  config: string,
  parent: string,
  weights: string,
): Promise<GoldenComponent> {
  if (!folder.has(config)) throw new GoldenError(`${config}: no such file`);
  const read = await Config.read(checkpointFiles(folder.path('.')), config);
  const checkpointFolder = folder.path(parent);
  return {
    class: modelClass(read),
    checkpointFolder,
    name: '.',
    config: read,
    weights: await Weights.open(checkpointFiles(checkpointFolder), weights),
  };
}

interface Input {
  readonly tensors: readonly { readonly data: Float32Array; readonly dims: readonly number[] }[];
  readonly timestep: number;
}

/** `file.safetensors: tensor, timestep 999, tensor` */
function readInput(folder: GoldenFolder, text: string): Input {
  const [, file, list] = /^(.+?\.safetensors): (.+)$/.exec(text) ?? [];
  if (!file || !list) throw new GoldenError(`input ${text}: expected a file and names of tensors`);
  const names = list.split(',').map(name => name.trim());
  const timestep = names.flatMap(name => /^timestep (\S+)$/.exec(name)?.[1] ?? [])[0];
  const golden = folder.tensors(file);
  return {
    tensors: names.filter(name => !name.startsWith('timestep ')).map(name => golden.float(name)),
    timestep: Number(timestep),
  };
}

async function errorOf(component: GoldenComponent, output: string, input: Input, expected: Numbers): Promise<number> {
  const [first, context, pooled = null, timeIds = null] = input.tensors;
  if (!first) throw new GoldenError(`${output}: no input`);
  const runtime = createOnnxRuntime({ folder: component.checkpointFolder });
  if (component.class === 'UNet2DConditionModel') {
    if (!context) throw new GoldenError(`${output}: no text embeddings among its inputs`);
    const unet = createModel(component, part => new UNet(part, runtime));
    const timesteps = new Array<number>(first.dims[0]!).fill(input.timestep);
    const error = relativeError(
      await unet.predict(first, timesteps, { promptEmbeds: context, pooled, timeIds }),
      expected,
    );
    await unet.release();
    return error;
  }
  if (component.class !== 'AutoencoderKL') throw new UnsupportedError(`16-bit ${component.class}`);
  const recorder = new RecordingRuntime(component.checkpointFolder);
  const autoencoder = createModel(component, part => new Autoencoder(part, recorder));
  try {
    if (output.endsWith('.image')) return relativeError(await autoencoder.decode(first), expected);
    if (!output.endsWith('.moments')) throw new UnsupportedError(`autoencoder output ${output}`);
    await autoencoder.encode(first);
    return recorder.nearest(expected, first.dims[0]!);
  } finally {
    await autoencoder.release();
  }
}
