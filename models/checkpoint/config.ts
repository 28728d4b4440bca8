import { CheckpointError } from './error.ts';
import type { CheckpointFiles } from './files.ts';
import { parsePythonJson } from './python-json.ts';

/**
 * A component's `config.json`. diffusers leaves out what has its default, so every question comes with one; all throw
 * CheckpointError naming file and key when the value is of another type or outside its range.
 */
export class Config {
  readonly file: string;
  readonly values: Readonly<Record<string, unknown>>;

  constructor(file: string, values: Readonly<Record<string, unknown>>) {
    this.file = file;
    this.values = values;
  }

  static async read(files: CheckpointFiles, file: string): Promise<Config> {
    const text = new TextDecoder().decode(await files.read(file));
    let values: unknown;
    try {
      values = parsePythonJson(text);
    } catch (error) {
      throw new CheckpointError(file, null, 'JSON', (error as Error).message);
    }
    if (typeof values !== 'object' || values === null || Array.isArray(values)) {
      throw new CheckpointError(file, null, 'a JSON object', describe(values));
    }
    return new Config(file, values as Record<string, unknown>);
  }

  /** Any JSON value, the default where the key is absent. */
  value(key: string, byDefault?: unknown): unknown {
    return Object.hasOwn(this.values, key) ? this.values[key] : byDefault;
  }

  /** A finite number. */
  number(key: string, byDefault: number): number {
    const value = this.value(key, byDefault);
    if (typeof value !== 'number' || !Number.isFinite(value)) throw this.error(key, 'a number', value);
    return value;
  }

  /** A whole number of at least 1, or of at least `least`. Must be there where there is no default. */
  count(key: string, byDefault?: number, least = 1): number {
    const value = this.value(key, byDefault);
    if (!isCount(value, least)) throw this.error(key, `a whole number of at least ${least}`, value);
    return value;
  }

  /** A non-empty list of whole numbers of at least 1. */
  counts(key: string, byDefault: readonly number[]): readonly number[] {
    const value = this.value(key, byDefault);
    if (!Array.isArray(value) || value.length === 0 || !value.every(item => isCount(item, 1))) {
      throw this.error(key, 'a list of whole numbers of at least 1', value);
    }
    return value;
  }

  /** One whole number for each of `length` blocks; a single one in the file counts for all of them. */
  countPerBlock(key: string, byDefault: number, length: number): readonly number[] {
    const value = this.value(key, byDefault);
    if (isCount(value, 1)) return new Array<number>(length).fill(value);
    const list = this.counts(key, []);
    if (list.length !== length) throw this.error(key, `${length} whole numbers, one for each block`, value);
    return list;
  }

  boolean(key: string, byDefault: boolean): boolean {
    const value = this.value(key, byDefault);
    if (typeof value !== 'boolean') throw this.error(key, 'true or false', value);
    return value;
  }

  /** One of a few words. */
  choice<Choice extends string>(key: string, byDefault: Choice, choices: readonly Choice[]): Choice {
    const value = this.value(key, byDefault);
    if (!choices.includes(value as Choice)) throw this.error(key, choices.map(describe).join(' or '), value);
    return value as Choice;
  }

  /** A list of one of a few words each. */
  choices<Choice extends string>(
    key: string,
    byDefault: readonly Choice[],
    choices: readonly Choice[],
  ): readonly Choice[] {
    const value = this.value(key, byDefault);
    const wanted = `a list of ${choices.map(describe).join(' or ')}`;
    if (!Array.isArray(value) || value.length === 0) throw this.error(key, wanted, value);
    for (const item of value) if (!choices.includes(item)) throw this.error(key, wanted, item);
    return value;
  }

  /** Refuses every value but these: options that Darkroom does not compute. An absent key is what is computed. */
  only(key: string, ...accepted: readonly unknown[]): void {
    const value = this.value(key, accepted[0]);
    if (!accepted.some(item => JSON.stringify(item) === JSON.stringify(value))) {
      throw this.error(key, accepted.map(describe).join(' or '), value);
    }
  }

  error(key: string, expected: string, found: unknown): CheckpointError {
    return new CheckpointError(this.file, key, expected, describe(found));
  }
}

function isCount(value: unknown, least: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= least;
}

function describe(value: unknown): string {
  // JSON has no word for an infinity.
  if (typeof value === 'number') return String(value);
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
