/** A model that computed something which is not a result: NaN or infinity. Never a black picture called a success. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
  /** Where it was first seen, e.g. `unet`. */
  readonly stage: string;

  constructor(stage: string, message: string) {
    super(`${stage}: ${message}`);
    this.stage = stage;
  }
}

/** @throws ModelError when a value is NaN or infinite */
export function expectFinite(stage: string, values: Float32Array): void {
  // A sum is finite only if every term is, and it is four times faster than looking at each: look closely only if not.
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  if (Number.isFinite(sum)) return;
  const index = values.findIndex(value => !Number.isFinite(value));
  throw new ModelError(stage, `${values[index]} at ${index} of ${values.length} values`);
}
