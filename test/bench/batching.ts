/** Whether a UNet takes less time for several generations in one call than for each in its own: see `--help`. */
import { parseArgs } from 'node:util';
import { checkpointFiles } from '../../gpu-backend/checkpoint-files.ts';
import { createOnnxRuntime } from '../../gpu-backend/onnxruntime-node.ts';
import { TorchGenerator } from '../../models/noise.ts';
import { StableDiffusionPipeline } from '../../models/pipeline.ts';

const help = `npm run bench:batching -- [--checkpoint FOLDER] [--size PIXELS] [--rounds N]

Calls the UNet of a checkpoint (default: the shipped one) with the guided samples of 1, 2, 4 and 8 generations in one batch,
in turns, and prints the milliseconds that one generation's step takes in each, beside those of a call of its own. What is
below 1 is what batching saves.`;

const { values } = parseArgs({
  options: {
    checkpoint: { type: 'string', default: 'models/shipped' },
    size: { type: 'string', default: '128' },
    rounds: { type: 'string', default: '30' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (values.help) {
  console.log(help);
  process.exit(0);
}
const [size, rounds] = [Number(values.size), Number(values.rounds)];
if (!(size >= 64 && size % 8 === 0 && Number.isInteger(rounds) && rounds > 0)) {
  console.error(
    `--size holds ${values.size} and --rounds ${values.rounds}: expected multiples of 8 from 64 on, and 1 or more`,
  );
  process.exit(2);
}

const folder = values.checkpoint;
const pipeline = await StableDiffusionPipeline.load(checkpointFiles(folder), createOnnxRuntime({ folder }));
const latentShape = pipeline.latentShape(size, size);
const { contextWidth } = pipeline.unet.config;
const generator = new TorchGenerator(1);
const counts = [1, 2, 4, 8];
const times = new Map<number, number[]>(counts.map(count => [count, []]));
for (let round = -3; round < rounds; round++) {
  for (const count of counts) {
    const batch = 2 * count; // with guidance
    const sample = generator.randn([batch, ...latentShape]);
    const promptEmbeds = generator.randn([batch, 32, contextWidth]);
    const timesteps = Array.from({ length: batch }, (_, i) => 999 - 40 * i);
    const began = performance.now();
    await pipeline.unet.predict(sample, timesteps, { promptEmbeds, pooled: null });
    if (round >= 0) times.get(count)!.push((performance.now() - began) / count);
  }
}
const median = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!;
const alone = median(times.get(1)!);
console.log('generations a call   ms a generation and step   against a call of its own');
for (const count of counts) {
  const ms = median(times.get(count)!);
  console.log(`${String(count).padStart(18)}${ms.toFixed(2).padStart(27)}${(ms / alone).toFixed(2).padStart(28)}`);
}
await pipeline.release();
