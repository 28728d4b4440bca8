/**
 * A job thread whose models take time and make nothing of worth: for tests of the server, which must not depend on how
 * fast a model is. Like a session it blocks its thread; unlike one it dies on command.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { JobLoop } from '../../../gpu-backend/job-loop.ts';
import type { Models } from '../../../gpu-backend/stages.ts';
import type { ThreadSettings } from '../../../gpu-backend/thread-messages.ts';
import { Posterior } from '../../../models/autoencoder/posterior.ts';
import { ModelError } from '../../../models/model-error.ts';
import type { FloatTensor } from '../../../models/runtime.ts';
import { fatalSeed, nanSeed, pretendCard, stepMs } from '../pretend-card.ts';

const clock = new Int32Array(new SharedArrayBuffer(4));

function zeros(...dims: number[]): FloatTensor {
  return { data: new Float32Array(dims.reduce((a, b) => a * b, 1)), dims };
}

const models: Models = {
  async encodeText() {
    return { promptEmbeds: zeros(1, 4, 8) } as Awaited<ReturnType<Models['encodeText']>>;
  },
  noPrompt: () => null,
  encode: async ({ dims: [, , height = 1, width = 1] }) => new Posterior(zeros(1, 8, height / 8, width / 8)),
  scaleLatent: latent => latent,
  async *denoise({ seeds, steps, width, height }) {
    const latent = zeros(seeds.length, 4, height / 8, width / 8);
    for (let step = 1; step <= steps; step++) {
      Atomics.wait(clock, 0, 0, stepMs);
      if (seeds[0] === fatalSeed) process.exit(9);
      if (seeds[0] === nanSeed) throw new ModelError('unet', 'NaN at 0 of 1 values');
      yield { step, steps, timestep: 0, latent, modelOutput: latent, schedulerState: {}, draws: 1 };
    }
  },
  embedLatents: async ({ dims: [images = 1] }) => zeros(images, 5),
  embedTexts: async () => zeros(1, 5),
  score: async ({ dims: [images = 1] }) => zeros(images),
  previewOf: () => null,
  async decodeToPixels({ dims: [images = 1, , height = 1, width = 1] }) {
    return { data: new Uint8Array(images * height * width * 192), dims: [images, height * 8, width * 8, 3] };
  },
};

const loop = new JobLoop(parentPort!);
const { checkpoints } = workerData as ThreadSettings;
// Whose weights were replaced is told by a file in its folder.
const digestFile = checkpoints.map(folder => join(folder, 'digest')).find(file => existsSync(file));
const card = digestFile ? { ...pretendCard, digest: readFileSync(digestFile, 'utf8') } : pretendCard;
// Pretends to need a folder only where it is told of one.
const missing = checkpoints.find(folder => !existsSync(folder));
if (missing) loop.giveUp(new Error(`checkpoint ${missing}: there is no such folder`));
else
  loop.serve({ cards: [card], runtime: 'pretence 1.0', executionProvider: 'cpu', digests: {} }, async () => ({
    models,
    executionProvider: 'webgpu',
  }));
