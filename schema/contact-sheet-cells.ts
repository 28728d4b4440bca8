import type { CheckpointCard } from '../wire/card.ts';
import { type AxisName, type AxisValue, placeOf, type ReadAxis } from './contact-sheet-axis.ts';
import type { AxisParameter } from './contact-sheet-service.ts';
import type { GenerationParameters, InputIssue } from './context.ts';
import { InputError } from './errors.ts';
import type { GenerateInput } from './generate-input.ts';
import { readParameters } from './generation-parameters.ts';
import { checkScheduler } from './scheduler.ts';

/** What one generation of a sheet is asked for. */
export interface SheetCell {
  readonly input: GenerateInput;
  readonly parameters: GenerationParameters;
  /**
   * Where what is wrong with it is to be found; null for what stands in for a value that is still to come.
   * @param path within a `GenerateInput`, from `input` on
   */
  readonly locate: (path: readonly string[]) => readonly string[] | null;
}

/**
 * One for each pair of values, row by row, and everything that is wrong with any of them. Where none of an axis' values means
 * anything, `base` stands in for them, so that all the rest is looked at: such cells are for that alone.
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
  for (const row of placesOn('y', y)) {
    for (const column of placesOn('x', x)) {
      const along = [column, row].filter(place => place !== null);
      const input = along.reduceRight((rest, place) => withValueOf(place, rest, card), base);
      const locate = locator(along, input);
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
      const path = locate(issue.path);
      if (path === null) continue;
      const told = { ...issue, path };
      this.#told.set(JSON.stringify(told), told);
    }
  }
}

interface Along {
  readonly name: AxisName;
  readonly parameter: AxisParameter;
  /** Null where the axis has none that means anything. */
  readonly value: AxisValue | null;
}

/** Null for an axis that there is not. */
function placesOn(name: AxisName, axis: ReadAxis | null): readonly (Along | null)[] {
  if (axis === null) return [null];
  const { parameter, values } = axis;
  return (values.length > 0 ? values : [null]).map(value => ({ name, parameter, value }));
}

function withValueOf({ parameter, value }: Along, input: GenerateInput, { limits }: CheckpointCard): GenerateInput {
  if (value) return value.into(input);
  // A strength may yet be large enough for what is to come.
  return parameter === 'STEPS' ? { ...input, steps: limits.maxSteps } : input;
}

function locator(along: readonly Along[], { start }: GenerateInput): SheetCell['locate'] {
  const sets = (place: readonly string[]) => {
    const setters = along.filter(({ parameter }) => placeOf[parameter].join() === place.join());
    return setters.find(({ value }) => value) ?? setters[0];
  };
  return ([root = 'input', ...place]) => {
    // A strength is too small for so many steps: where the strength is fixed, for too few steps.
    const isForSteps = place.join() === placeOf.STRENGTH.join() && start && start.strength >= 0 && start.strength <= 1;
    const steps = isForSteps ? sets(placeOf.STEPS) : undefined;
    const set = sets(place) ?? (steps?.value ? steps : undefined);
    if (!set) return [root, 'base', ...place];
    return set.value && [root, set.name, 'values', String(set.value.index)];
  };
}
