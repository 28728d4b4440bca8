/** Whole numbers on a command line. */

export interface Range {
  readonly least: number;
  readonly most?: number;
  readonly multipleOf?: number;
}

/** Ends the program with 2 where one is out of its range, saying which. */
export function wholeNumbers<Ranges extends Readonly<Record<string, Range>>>(
  values: Readonly<Record<string, unknown>>,
  ranges: Ranges,
): { [Name in keyof Ranges]: number } {
  const numbers: [string, number][] = [];
  for (const [name, { least, most, multipleOf = 1 }] of Object.entries<Range>(ranges)) {
    const text = String(values[name]);
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= least && value <= (most ?? value) && value % multipleOf === 0)) {
      const range = most === undefined ? `from ${least} on` : `from ${least} to ${most}`;
      const step = multipleOf > 1 ? `, a multiple of ${multipleOf}` : '';
      console.error(`--${name} is ${text}: expected a whole number ${range}${step}`);
      process.exit(2);
    }
    numbers.push([name, value]);
  }
  return Object.fromEntries(numbers) as { [Name in keyof Ranges]: number };
}
