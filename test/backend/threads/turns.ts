/**
 * A job thread whose jobs take turns, as those on ONNX Runtime do: a step waits instead of blocking. It serves two
 * checkpoints, says which thread it is where others say what they run on, and dies on command.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, threadId } from 'node:worker_threads';
import { JobLoop } from '../../../gpu-backend/job-loop.ts';
import type { Models } from '../../../gpu-backend/stages.ts';
import type { PipelineOptions } from '../../../models/pipeline.ts';
import { fatalSeed, otherPretendCard, pretendCard, stepMs } from '../pretend-card.ts';

const models = {
  async encodeText() {
    return { promptEmbeds: { data: new Float32Array(32), dims: [1, 4, 8] } };
  },
  async *denoise({ seeds, steps, width, height }: PipelineOptions) {
    const dims = [seeds.length, 4, height / 8, width / 8];
    const latent = { data: new Float32Array(dims.reduce((a, b) => a * b, 1)).fill(Number(seeds[0])), dims };
    for (let step = 1; step <= steps; step++) {
      await sleep(stepMs);
      loop.unetCalled();
      if (seeds[0] === fatalSeed) process.exit(9);
      yield { step, steps, timestep: 0, latent, modelOutput: latent, schedulerState: {}, draws: 1 };
    }
  },
} as unknown as Models;

const loop = new JobLoop(parentPort!);
loop.serve(
  { cards: [pretendCard, otherPretendCard], runtime: 'pretence 1.0', executionProvider: 'cpu', digests: {} },
  async () => ({ models, executionProvider: `thread ${threadId}` }),
);
