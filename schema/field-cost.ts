/*
 * What a field costs, declared beside it and read from its `extensions` by the query limits before anything runs.
 */

export type Size = (args: Readonly<Record<string, unknown>>) => number;

export interface FieldCost {
  /**
   * How many objects the field answers with, at most: what is selected below it counts as often. Zero for arguments that
   * the field refuses: nothing below it will run, and the refusal names the limit better than the query's cost could.
   */
  readonly size?: Size;
  /**
   * The same for images within the answer, where it is another number: those that are only counted as they are sent
   * (by a `RequestBudget`) may well be fewer than the most. Default: `size`.
   */
  readonly inlineSize?: Size;
  /** Whether it puts a whole image into the response. */
  readonly inlinesImage?: boolean;
}

export function costs(cost: FieldCost): { cost: FieldCost } {
  return { cost };
}

export function costOf(extensions: Readonly<Record<string, unknown>>): FieldCost {
  return (extensions.cost as FieldCost | undefined) ?? {};
}

/** For `size`: a number that was asked for, and nothing for one that is refused. */
export function sizeUpTo(most: number, asked: unknown): number {
  return typeof asked === 'number' && asked >= 0 && asked <= most ? asked : 0;
}
