import type { Config } from '../checkpoint/config.ts';

/** How many layers each transformer has. */
export interface TransformerLayers {
  /** By level, from the finest, one number for each layer of the level's down block. */
  readonly down: readonly (readonly number[])[];
  /** By level, from the finest, one number for each layer of the level's up block: one more. */
  readonly up: readonly (readonly number[])[];
  readonly middle: number;
}

/**
 * Reads `transformer_layers_per_block`: one number for all, one for each level, or a list for each level, and then
 * `reverse_transformer_layers_per_block` for the way up, from the coarsest level.
 * @param layers of each level's down block
 * @throws CheckpointError
 */
export function transformerLayers(config: Config, layers: readonly number[]): TransformerLayers {
  const key = 'transformer_layers_per_block';
  const reverseKey = 'reverse_transformer_layers_per_block';
  const value = config.value(key, 1);
  const byLevel = Array.isArray(value) ? value : layers.map(() => value);
  const reversed = config.value(reverseKey) ?? [...byLevel].reverse();
  const coarsest = [byLevel.at(-1)].flat()[0];
  return {
    down: counts(config, key, byLevel, layers),
    up: counts(
      config,
      reverseKey,
      reversed,
      [...layers].reverse().map(count => count + 1),
    ).reverse(),
    middle: typeof coarsest === 'number' ? coarsest : 0,
  };
}

function counts(config: Config, key: string, value: unknown, lengths: readonly number[]): number[][] {
  const error = () => config.error(key, `for each of ${lengths.length} levels a number or a list of numbers`, value);
  if (!Array.isArray(value) || value.length !== lengths.length) throw error();
  return lengths.map((length, i) => {
    const entry: unknown = value[i];
    const list: unknown[] = Array.isArray(entry) ? entry : new Array(length).fill(entry);
    if (list.length < length || !list.every(count => Number.isSafeInteger(count) && (count as number) >= 0))
      throw error();
    return list.slice(0, length) as number[];
  });
}
