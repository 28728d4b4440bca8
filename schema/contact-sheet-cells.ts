import type { CheckpointCard } from '../wire/card.ts';
import { type AxisName, placeOf, type ReadAxis } from './contact-sheet-axis.ts';
import type { GenerationParameters, InputIssue } from './context.ts';
import { InputError } from './errors.ts';
import type { GenerateInput } from './generate-input.ts';
import { readParameters } from './generation-parameters.ts';
import { checkScheduler } from './scheduler.ts';

/** What one generation of a sheet is asked for. */
export interface SheetCell {
  readonly input: GenerateInput;
  readonly parameters: GenerationParameters;
  /** Where what is wrong with it is to be found. @param path within a `GenerateInput`, from `input` on */
  readonly locate: (path: readonly string[]) => readonly string[];
}

/**
 * One for each pair of values, row by row, and everything that is wrong with any of them.
 * @param base with a seed, so that all of them have the same one
 */
export function readCells(
  card: CheckpointCard,
  base: GenerateInput,
  x: ReadAxis,
  y: ReadAxis | null,
): { readonly cells: readonly SheetCell[]; readonly issues: readonly InputIssue[] } {
  const cells: SheetCell[] = [];
  const issues = new Issues();
  for (const row of y?.values ?? [null]) {
    for (const column of x.values) {
      const input = column.into(row ? row.into(base) : base);
      const locate = locator([
        { name: 'x', axis: x, index: column.index },
        ...(row && y ? [{ name: 'y' as const, axis: y, index: row.index }] : []),
      ]);
      const { parameters, issues: own } = readParameters(card, input);
      const cell = { input, parameters, locate };
      cells.push(cell);
      issues.add(cell, own);
    }
  }
  return { cells, issues: issues.all };
}

/** @throws RequestError UNSUPPORTED, InputError with all that is wrong */
export function checkSchedulers(card: CheckpointCard, cells: readonly SheetCell[]): void {
  const issues = new Issues();
  const checked = new Set<string>();
  for (const cell of cells) {
    const { scheduler, steps } = cell.parameters;
    if (checked.has(`${scheduler} ${steps}`)) continue;
    checked.add(`${scheduler} ${steps}`);
    try {
      checkScheduler(card, cell.parameters);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      issues.add(cell, error.issues);
    }
  }
  if (issues.all.length > 0) throw new InputError(issues.all);
}

/** What is wrong with several cells for the same reason is told once. */
export class Issues {
  readonly #told = new Map<string, InputIssue>();

  get all(): readonly InputIssue[] {
    return [...this.#told.values()];
  }

  add({ locate }: Pick<SheetCell, 'locate'>, issues: readonly InputIssue[]): void {
    for (const issue of issues) {
      const told = { ...issue, path: locate(issue.path) };
      this.#told.set(JSON.stringify(told), told);
    }
  }
}

interface Along {
  readonly name: AxisName;
  readonly axis: ReadAxis;
  readonly index: number;
}

function locator(along: readonly Along[]): SheetCell['locate'] {
  const sets = (place: readonly string[]) => along.find(({ axis }) => placeOf[axis.parameter].join() === place.join());
  return ([root = 'input', ...place]) => {
    // A strength is too small for so many steps: where the strength is fixed, for too few steps.
    const set = sets(place) ?? (place.join() === placeOf.STRENGTH.join() ? sets(placeOf.STEPS) : undefined);
    return set ? [root, set.name, 'values', String(set.index)] : [root, 'base', ...place];
  };
}
