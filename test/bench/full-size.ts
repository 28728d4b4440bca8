/**
 * What a checkpoint of Stable Diffusion 1.5's dimensions takes: see `--help`.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { checkpointFiles } from '../../gpu-backend/checkpoint-files.ts';
import { createOnnxRuntime } from '../../gpu-backend/onnxruntime-node.ts';
import { openComponent } from '../../models/checkpoint/component.ts';
import { TorchGenerator } from '../../models/noise.ts';
import { UNet } from '../../models/unet.ts';
import { writeFullSizeUNet } from './full-size-unet.ts';

const help = `npm run bench:full-size [-- F32 | F16]

Takes one guided step of a picture of 512 × 512 with a UNet of Stable Diffusion 1.5's dimensions, in Darkroom and in
diffusers, each in a process of its own. Prints seconds for loading and for the step, and the most memory that the process
ever had (VmHWM, so Linux only). Weights are random, in F32 by default, and stay under .darkroom/bench/ (3.4 or 1.7 GB).
For diffusers it takes the Python environment that npm run parity makes.`;

const root = fileURLToPath(new URL('../..', import.meta.url));

async function step(folder: string): Promise<void> {
  const files = checkpointFiles(folder);
  const began = performance.now();
  const component = await openComponent(files, new Set(await files.list()), 'unet', 'UNet2DConditionModel');
  const unet = new UNet(component, createOnnxRuntime({ folder }));
  await unet.load();
  const loaded = performance.now();
  const generator = new TorchGenerator(7);
  const sample = generator.randn([2, 4, 64, 64]);
  await unet.predict(sample, [500, 500], { promptEmbeds: generator.randn([2, 77, 768]) });
  report('Darkroom', (loaded - began) / 1000, (performance.now() - loaded) / 1000);
}

function report(who: string, load: number, once: number): void {
  const [, kilobytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  const gigabytes = (Number(kilobytes) / 2 ** 20).toFixed(2);
  console.log(`${who}: loaded in ${load.toFixed(1)} s, a step in ${once.toFixed(1)} s, at most ${gigabytes} GiB`);
}

const [argument = 'F32', folder] = process.argv.slice(2);
if (argument === 'step') {
  await step(folder!);
} else if (argument === '--help' || argument === '-h') {
  console.log(help);
} else if (argument !== 'F32' && argument !== 'F16') {
  console.error(`Unknown argument ${argument}.\n\n${help}`);
  process.exitCode = 2;
} else {
  const dtype = argument;
  const path = `${root}.darkroom/bench/${dtype.toLowerCase()}`;
  writeFullSizeUNet(path, dtype);
  spawnSync(process.execPath, [fileURLToPath(import.meta.url), 'step', path], { stdio: 'inherit' });
  spawnSync(`${root}.darkroom/python/bin/python`, [`${root}test/bench/full_size.py`, path], { stdio: 'inherit' });
}
