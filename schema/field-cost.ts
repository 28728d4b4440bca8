/*
 * What a field costs, declared beside it and read from its `extensions` by the query limits before anything runs.
 */

export interface FieldCost {
  /** How many objects the field answers with, at most: what is selected below it counts as often. */
  readonly size?: (args: Readonly<Record<string, unknown>>) => number;
  /** Whether it puts a whole image into the response. */
  readonly inlinesImage?: boolean;
}

export function costs(cost: FieldCost): { cost: FieldCost } {
  return { cost };
}

export function costOf(extensions: Readonly<Record<string, unknown>>): FieldCost {
  return (extensions.cost as FieldCost | undefined) ?? {};
}
