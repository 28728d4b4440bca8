import { UnsupportedError } from '../unsupported.ts';

/**
 * A scheduler's `scheduler_config.json`, as diffusers writes it: `_class_name` and options. What is absent has the
 * class's default; options of other classes may stand there too and mean nothing, as in diffusers.
 */
export type SchedulerConfig = Readonly<Record<string, unknown>>;

/** @throws UnsupportedError when the option is there and not a finite number */
export function numberOption(config: SchedulerConfig, name: string, byDefault: number): number {
  const value = config[name] ?? byDefault;
  if (typeof value !== 'number' || !Number.isFinite(value)) throw refusal(name, value, 'a number');
  return value;
}

/** @throws UnsupportedError when the option is there and not a finite number; null when it is absent */
export function optionalNumber(config: SchedulerConfig, name: string): number | null {
  return (config[name] ?? null) === null ? null : numberOption(config, name, 0);
}

/** @throws UnsupportedError when the option is there and not an integer from `minimum` on */
export function integerOption(config: SchedulerConfig, name: string, byDefault: number, minimum: number): number {
  const value = numberOption(config, name, byDefault);
  if (!Number.isSafeInteger(value) || value < minimum) throw refusal(name, value, `an integer from ${minimum} on`);
  return value;
}

/** @throws UnsupportedError when the option is there and not true or false */
export function booleanOption(config: SchedulerConfig, name: string, byDefault: boolean): boolean {
  const value = config[name] ?? byDefault;
  if (typeof value !== 'boolean') throw refusal(name, value, 'true or false');
  return value;
}

/** @throws UnsupportedError when the option is there and not one of the choices */
export function choiceOption<const T extends string>(
  config: SchedulerConfig,
  name: string,
  choices: readonly T[],
  byDefault: NoInfer<T>,
): T {
  const value = config[name] ?? byDefault;
  const choice = choices.find(each => each === value);
  if (choice === undefined) throw refusal(name, value, choices.join(', '));
  return choice;
}

/** @throws UnsupportedError when the option is there and not a list of finite numbers; null when it is absent */
export function numbersOption(config: SchedulerConfig, name: string): readonly number[] | null {
  const value = config[name] ?? null;
  if (value === null) return null;
  if (!Array.isArray(value) || !value.every(Number.isFinite)) throw refusal(name, value, 'a list of numbers');
  return value;
}

/**
 * Refuses what an option asks for, where its default is to ask for nothing.
 * @param expected the values that ask for nothing; that it is absent always does
 * @throws UnsupportedError when it has another value
 */
export function refuseOption(config: SchedulerConfig, name: string, ...expected: readonly unknown[]): void {
  const value = config[name] ?? null;
  if (value !== null && !expected.includes(value)) throw refusal(name, value, `none or ${expected.join(', ')}`);
}

function refusal(name: string, value: unknown, expected: string): UnsupportedError {
  return new UnsupportedError(`scheduler option ${name} ${JSON.stringify(value)}`, expected);
}
