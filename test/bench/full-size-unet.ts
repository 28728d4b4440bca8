/** A UNet of Stable Diffusion 1.5's real dimensions with random weights: 860 million of them. */
import { closeSync, existsSync, mkdirSync, openSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Config } from '../../models/checkpoint/config.ts';
import { Graph } from '../../models/graph/graph.ts';
import { TorchGenerator } from '../../models/noise.ts';
import { unetConfig } from '../../models/unet/config.ts';
import { unetGraph } from '../../models/unet/graph.ts';
import { AskedWeights } from '../models/tiny-checkpoint.ts';

/** What the real one's config says; all else is diffusers' default. */
const config = {
  _class_name: 'UNet2DConditionModel',
  sample_size: 64,
  in_channels: 4,
  out_channels: 4,
  block_out_channels: [320, 640, 1280, 1280],
  layers_per_block: 2,
  attention_head_dim: 8,
  cross_attention_dim: 768,
};

/** Writes `unet/` into the folder, if it is not there. */
export function writeFullSizeUNet(folder: string, dtype: 'F32' | 'F16'): void {
  const path = join(folder, 'unet/diffusion_pytorch_model.safetensors');
  if (existsSync(path)) return;
  mkdirSync(join(folder, 'unet'), { recursive: true });
  writeFileSync(join(folder, 'unet/config.json'), JSON.stringify(config));
  const asked = new AskedWeights();
  unetGraph(unetConfig(new Config('unet/config.json', config)), Graph.over('unet', asked));
  const header: Record<string, unknown> = {};
  let offset = 0;
  for (const [name, shape] of asked.shapes) {
    const bytes = shape.reduce((product, size) => product * size, dtype === 'F32' ? 4 : 2);
    header[name] = { dtype, shape, data_offsets: [offset, offset + bytes] };
    offset += bytes;
  }
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  // Under another name until it is whole.
  const file = openSync(`${path}.part`, 'w');
  writeSync(file, Buffer.concat([length, json]));
  const noise = new TorchGenerator(1).randn([1 << 20]).data;
  for (const [i, [name, shape]] of [...asked.shapes].entries())
    writeTensor(file, name, shape, noise, 1 + i / 1000, dtype);
  closeSync(file);
  renameSync(`${path}.part`, path);
}

/**
 * The same noise over and over, of a size that keeps activations alive.
 * @param gain another for each tensor: ONNX Runtime holds equal weights once, and a real checkpoint has none
 */
function writeTensor(
  file: number,
  name: string,
  shape: readonly number[],
  noise: Float32Array,
  gain: number,
  dtype: 'F32' | 'F16',
): void {
  const count = shape.reduce((product, size) => product * size, 1);
  const fanIn = count / shape[0]!;
  const [scale, offset] = shape.length > 1 ? [gain * fanIn ** -0.5, 0] : [0.05 * gain, name.endsWith('weight') ? 1 : 0];
  const values = noise.subarray(0, Math.min(count, noise.length)).map(value => value * scale + offset);
  const stored = dtype === 'F32' ? values : Float16Array.from(values);
  const bytes = new Uint8Array(stored.buffer);
  const each = stored.BYTES_PER_ELEMENT;
  for (let done = 0; done < count; done += values.length) {
    writeSync(file, bytes, 0, Math.min(values.length, count - done) * each);
  }
}
