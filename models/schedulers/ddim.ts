import type { SchedulerConfig } from './create.ts';
import type { Scheduler, SchedulerOptions } from './scheduler.ts';

/** Being written. */
export class DdimScheduler implements Scheduler {
  readonly timesteps: readonly number[] = [];
  readonly initNoiseSigma = 1;
  readonly needsNoise: boolean = false;

  constructor(_config: SchedulerConfig, _options: SchedulerOptions) {}

  scaleModelInput(x: Float32Array): Float32Array {
    return x;
  }

  step(_modelOutput: Float32Array, _index: number, _x: Float32Array, _noise?: () => Float32Array): Float32Array {
    throw new Error('being written');
  }
}
