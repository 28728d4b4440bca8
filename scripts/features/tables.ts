/** Results as Markdown. */

import { markdownTable } from '../markdown-table.ts';
import type { Result } from './comparison.ts';
import type { Arrangement } from './handwriting.ts';
import type { Accuracy } from './measure.ts';
import { wilsonInterval } from './wilson.ts';

const percent = (share: number) => (100 * share).toFixed(1);

/** Such as "98.0 % (96.1 to 99.0)". */
export function withInterval({ right, total }: Accuracy): string {
  const [low, high] = wilsonInterval(right, total);
  return `${percent(right / total)} % (${percent(low)} to ${percent(high)})`;
}

export function resultTable(results: readonly Result[]): string {
  const repeated = results.some(({ others }) => others !== null);
  const rows = results.map(result => {
    const { features, numbers, others } = result;
    const range = others ? `${percent(others[0])} to ${percent(others[1])} %` : '';
    return [features, numbers.toLocaleString('en'), withInterval(result), ...(repeated ? [range] : [])];
  });
  const heads = ['features', 'numbers a picture', 'right (95 % interval)', ...(repeated ? ['other examples'] : [])];
  return markdownTable(heads, rows);
}

/** @param sets what `compare` says of each, by their names */
export function shortTable(sets: Readonly<Record<string, readonly Result[]>>): string {
  const rows = Object.entries(sets).map(([name, [pixels, , encodings]]) => [
    name,
    withInterval(pixels!),
    `**${withInterval(encodings!)}**`,
  ]);
  return markdownTable(['right, with ten examples of each class', 'raw pixels', 'encodings'], rows);
}

export function arrangementTable(tried: readonly (Accuracy & Arrangement)[]): string {
  const rows = tried.map(one => {
    const ground = one.ink === 'white' ? 'black' : 'white';
    return [`${one.ink} on ${ground}`, `${one.side} × ${one.side} of 128 × 128`, withInterval(one)];
  });
  return markdownTable(['ink', 'its 28 × 28 become', 'right (95 % interval)'], rows);
}
