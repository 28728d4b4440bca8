/** The program of a job thread: the only place in the backend where models compute. */
import { parentPort, workerData } from 'node:worker_threads';
import { JobLoop } from './job-loop.ts';
import { ServedCheckpoints } from './served-checkpoints.ts';
import type { ThreadSettings } from './thread-messages.ts';

const loop = new JobLoop(parentPort!);

ServedCheckpoints.open(workerData as ThreadSettings, loop).then(
  checkpoints => loop.serve(checkpoints.loaded, (plan, cancelled) => checkpoints.prepare(plan, cancelled)),
  error => loop.giveUp(error),
);
