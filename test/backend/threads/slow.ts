/**
 * A job thread whose sessions take long to create and are never there from the start. It blocks while it creates one, as
 * ONNX Runtime does.
 */
import { parentPort } from 'node:worker_threads';
import { JobLoop } from '../../../gpu-backend/job-loop.ts';
import type { Models } from '../../../gpu-backend/stages.ts';
import { pretendCard } from '../pretend-card.ts';

const clock = new Int32Array(new SharedArrayBuffer(4));
const loop = new JobLoop(parentPort!);
const change = { change: 'created', checkpoint: pretendCard.name, part: 'unet', bytes: 1000, ms: 300 } as const;

loop.serve(
  { cards: [pretendCard], runtime: 'pretence 1.0', executionProvider: '', digests: {} },
  async (_, cancelled) => {
    for (let session = 0; session < 10; session++) {
      if (cancelled()) return null;
      Atomics.wait(clock, 0, 0, 100);
    }
    loop.sessions(change, { [pretendCard.name]: change.bytes });
    // The plans of its tests encode a text, and nothing else.
    const encodeText = async () => ({ promptEmbeds: { data: new Float32Array(32), dims: [1, 4, 8] } });
    return { models: { encodeText } as unknown as Models, executionProvider: 'cpu' };
  },
);
