import type { Conditioning } from './conditioning.ts';
import { ParameterError } from './parameter-error.ts';
import { joined } from './rows.ts';
import type { FloatTensor } from './runtime.ts';

/** Images that share a call of the UNet, and what it is told about them. */
export interface ConditioningGroup {
  readonly first: number;
  readonly count: number;
  /** `count` rows for each prompt, one prompt's after the other's. */
  readonly conditioning: Conditioning;
}

/**
 * Splits images into groups for the UNet's calls.
 * @param prompts what the UNet is told of each picture, e.g. of the negative prompt and of the prompt: one row for all
 *   images or one for each
 * @throws RangeError when the prompts' shapes differ or do not fit the number of images
 */
export function conditioningGroups(
  prompts: readonly Conditioning[],
  images: number,
  imagesPerCall: number,
): readonly ConditioningGroup[] {
  const has = (key: 'pooled' | 'timeIds') => prompts.some(prompt => prompt[key]);
  const groups: ConditioningGroup[] = [];
  for (let first = 0; first < images; first += imagesPerCall) {
    const count = Math.min(imagesPerCall, images - first);
    const rows = (what: string, key: keyof Conditioning) =>
      rowsOf(
        what,
        prompts.map(prompt => prompt[key] ?? null),
        first,
        count,
        images,
      );
    const conditioning = {
      promptEmbeds: rows('prompt embeddings', 'promptEmbeds'),
      ...(has('pooled') && { pooled: rows('pooled embeddings', 'pooled') }),
      ...(has('timeIds') && { timeIds: rows('time ids', 'timeIds') }),
    };
    groups.push({ first, count, conditioning });
  }
  return groups;
}

function rowsOf(
  what: string,
  tensors: readonly (FloatTensor | null)[],
  first: number,
  count: number,
  images: number,
): FloatTensor {
  const [, ...shape] = tensors[0]?.dims ?? [];
  const size = shape.reduce((product, length) => product * length, 1);
  const rows = tensors.flatMap(tensor => {
    if (!tensor) throw new ParameterError(`${what} are there for one prompt only`);
    const [own, ...rest] = tensor.dims;
    if ((own !== 1 && own !== images) || rest.join() !== shape.join()) {
      throw new ParameterError(`${what} [${tensor.dims}]: expected [1 or ${images}, ${shape.join(', ')}]`);
    }
    return Array.from({ length: count }, (_, i) => {
      const row = own === 1 ? 0 : first + i;
      return tensor.data.subarray(row * size, (row + 1) * size);
    });
  });
  return { data: joined(...rows), dims: [rows.length, ...shape] };
}
