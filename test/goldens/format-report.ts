import { type Comparison, passes, type Report } from './report.ts';

/** More failures than this say no more. */
const failuresShown = 40;

/** The report as text: a table with the worst error of every kind, what failed, what is not supported, the counts. */
export function formatReport(report: Report): string {
  const { passed, failed, skipped } = report.counts;
  return [
    table(report),
    ...section('Failed', failureLines(report)),
    ...section('Not supported yet', skipLines(report)),
    `${passed} passed, ${failed} failed, ${skipped} skipped`,
  ].join('\n');
}

function table(report: Report): string {
  const all = [...report.comparisons, ...report.failures, ...report.skips];
  const kinds = [...new Set(all.map(({ kind }) => kind))];
  const head = ['', 'passed', 'failed', 'skipped', 'worst error', 'tolerance', 'where'];
  const rows = kinds.map(kind => {
    const compared = report.comparisons.filter(comparison => comparison.kind === kind);
    const passed = compared.filter(passes).length;
    const failed = compared.length - passed + report.failures.filter(failure => failure.kind === kind).length;
    const skipped = report.skips.filter(skip => skip.kind === kind).length;
    const worst = worstOf(compared);
    const figures = worst
      ? [number(worst.error), number(worst.tolerance), worst.error === 0 ? '' : worst.name]
      : ['', '', ''];
    return [kind, ...[passed, failed, skipped].map(count => (count === 0 ? '' : String(count))), ...figures];
  });
  return columns([head, ...rows]);
}

/** The one that is nearest to its tolerance, or furthest beyond it. */
function worstOf(comparisons: readonly Comparison[]): Comparison | undefined {
  return comparisons.reduce<Comparison | undefined>(
    (worst, each) => (worst && share(worst) >= share(each) ? worst : each),
    undefined,
  );
}

function share({ error, tolerance }: Comparison): number {
  if (Number.isNaN(error)) return Number.POSITIVE_INFINITY;
  return tolerance === 0 ? error * Number.MAX_SAFE_INTEGER : error / tolerance;
}

function failureLines(report: Report): string[] {
  const lines = [
    ...report.failures.map(({ kind, name, message }) => `${kind}: ${name}: ${message}`),
    ...report.comparisons
      .filter(comparison => !passes(comparison))
      .map(
        ({ kind, name, error, tolerance }) =>
          `${kind}: ${name}: error ${number(error)}, at most ${number(tolerance)} allowed`,
      ),
  ];
  if (lines.length <= failuresShown) return lines;
  return [...lines.slice(0, failuresShown), `… and ${lines.length - failuresShown} more`];
}

/** One line for each thing that is not supported, with what it was wanted for. */
function skipLines(report: Report): string[] {
  const wanted = new Map<string, Map<string, number>>();
  for (const { what, kind } of report.skips) {
    const kinds = wanted.get(what) ?? new Map<string, number>();
    wanted.set(what, kinds.set(kind, (kinds.get(kind) ?? 0) + 1));
  }
  return [...wanted].map(
    ([what, kinds]) => `${what}: ${[...kinds].map(([kind, count]) => `${count} ${kind}`).join(', ')}`,
  );
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`${title}:`, ...lines.map(line => `  ${line}`), ''];
}

function number(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return value >= 0.001 && value < 1000 ? value.toPrecision(3) : value.toExponential(1);
}

function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map(row => row[column]!.length)));
  const lines = rows.map(row =>
    row.map((cell, column) =>
      column === 0 || column === 6 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
    ),
  );
  return `${lines.map(cells => cells.join('  ').trimEnd()).join('\n')}\n`;
}
