import { CheckpointError } from '../checkpoint/error.ts';
import type { CheckpointFiles } from '../checkpoint/files.ts';
import { decodeTensor } from '../checkpoint/safetensors.ts';
import type { Weights } from '../checkpoint/weights.ts';
import type { FloatTensor } from '../runtime.ts';

/**
 * A weight's numbers, of exactly this shape: for what is computed here and not by a runtime, which maps the file itself.
 * @throws CheckpointError when it is missing, of another shape or no floating point type, or holds NaN or infinity
 */
export async function readWeight(
  files: CheckpointFiles,
  weights: Weights,
  name: string,
  shape: readonly number[],
): Promise<Float32Array> {
  const weight = weights.get(name, shape);
  const bytes = await files.readRange(weight.file, weight.begin, weight.end);
  const { data } = decodeTensor(weight, bytes, name) as FloatTensor;
  const wrong = data.findIndex(value => !Number.isFinite(value));
  if (wrong >= 0) throw new CheckpointError(weight.file, name, 'finite numbers', `${data[wrong]} at ${wrong}`);
  return data;
}
