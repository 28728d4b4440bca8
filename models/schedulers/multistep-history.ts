import { ParameterError } from '../parameter-error.ts';
import type { SchedulerState } from './scheduler.ts';

/** What the model said at the latest steps: what multistep methods look back at. */
export class MultistepHistory {
  readonly #depth: number;
  #outputs: readonly Float32Array[] = [];

  /** @param depth how many are ever looked at */
  constructor(depth: number) {
    this.#depth = depth;
  }

  /** The latest first. */
  get outputs(): readonly Float32Array[] {
    return this.#outputs;
  }

  add(output: Float32Array): void {
    this.#outputs = [output, ...this.#outputs].slice(0, this.#depth);
  }

  clear(): void {
    this.#outputs = [];
  }

  /** @throws ParameterError when fewer than `count` steps were taken before this one */
  expect(count: number, index: number): void {
    const expected = Math.min(count, this.#depth);
    if (this.#outputs.length < expected) {
      throw new ParameterError(`step ${index} follows ${this.#outputs.length} known steps, expected ${expected}`);
    }
  }

  state(): SchedulerState {
    return Object.fromEntries(this.#outputs.map((output, i) => [`output_${i}`, output]));
  }

  restore(state: SchedulerState): void {
    const outputs: Float32Array[] = [];
    for (let i = 0; i < this.#depth; i++) {
      const output = state[`output_${i}`];
      if (!output) break;
      outputs.push(output);
    }
    this.#outputs = outputs;
  }
}
