/** Values of options that are numbers. */
import { UsageError } from './troubles.ts';

/** @returns undefined where the option is not given @throws UsageError */
export function numberFrom(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) {
    throw new UsageError(`--${option} is ${JSON.stringify(text)}: expected a number`);
  }
  return value;
}

/** How many of something. @returns undefined where the option is not given @throws UsageError */
export function countFrom(
  option: string,
  text: string | undefined,
  [least, most]: readonly [number, number],
): number | undefined {
  const count = numberFrom(option, text);
  if (count === undefined || (Number.isInteger(count) && count >= least && count <= most)) return count;
  throw new UsageError(`--${option} is ${count}: expected a whole number from ${least} to ${most}`);
}

/** A seed is kept as a text, for it may be beyond what numbers hold. @throws UsageError */
export function seedFrom(text: string | undefined): string | undefined {
  if (text !== undefined && !/^\d+$/.test(text)) {
    throw new UsageError(`--seed is ${JSON.stringify(text)}: expected a whole number such as 7`);
  }
  return text;
}

/** Pixels. @throws UsageError */
export function sizeFrom(text: string | undefined): { readonly width?: number; readonly height?: number } {
  if (text === undefined) return {};
  const [, width, height] = /^(\d+)[x×](\d+)$/i.exec(text) ?? [];
  if (!width || !height) throw new UsageError(`--size is ${JSON.stringify(text)}: expected one such as 128x128`);
  return { width: Number(width), height: Number(height) };
}

/** A name of an enumeration in whatever case, with - for _. */
export function nameFrom(text: string): string {
  return text.toUpperCase().replaceAll('-', '_');
}

/** @throws UsageError naming what there is */
export function choiceFrom<const T extends string>(
  option: string,
  text: string | undefined,
  choices: readonly T[],
): T | undefined {
  if (text === undefined) return undefined;
  const name = nameFrom(text);
  const found = choices.find(choice => choice === name);
  if (!found) {
    const expected = choices.map(choice => choice.toLowerCase().replaceAll('_', '-')).join(', ');
    throw new UsageError(`--${option} is ${JSON.stringify(text)}: expected one of ${expected}`);
  }
  return found;
}
