import { builder, type ResolverContext } from './builder.ts';
import { findCheckpoint } from './checkpoint.ts';
import { ContactSheetType } from './contact-sheet.ts';
import { type ReadAxis, readAxis } from './contact-sheet-axis.ts';
import { checkSchedulers, Issues, readCells, type SheetCell } from './contact-sheet-cells.ts';
import { type ContactSheetInput, ContactSheetInputType, MOST_CELLS } from './contact-sheet-input.ts';
import type { ContactSheetState, SheetAxis } from './contact-sheet-service.ts';
import { type GenerationRequest, type InputIssue, type PromptReport, RetryLater } from './context.ts';
import { InputError, PromptError, RequestError } from './errors.ts';
import { type GenerateInput, MAX_WAIT_MS } from './generate-input.ts';
import { drawSeed } from './generation-parameters.ts';
import { keyIssues, sheetIdempotencyOf } from './idempotency.ts';
import { checkScore } from './score.ts';
import { checkSizes } from './sdxl-input.ts';

builder.mutationField('contactSheet', t =>
  t.field({
    type: ContactSheetType,
    nullable: true,
    description:
      'Creates a grid of generations over one or two parameters, all of them or none, and draws one picture of them with labelled axes. With `wait`, answers when it ends or when the wait is over, whichever is first.',
    args: { input: t.arg({ type: ContactSheetInputType, required: true, description: 'What to make.' }) },
    errors: {
      types: [PromptError, InputError, RetryLater, RequestError],
      union: { name: 'ContactSheetResult', description: 'A contact sheet that was accepted, or why it was not.' },
    },
    resolve: (_, { input }, context) => contactSheet(input, context),
  }),
);

const START_FROM = ['input', 'base', 'start', 'from'];

/** @throws InputError, PromptError, RequestError, RetryLater */
async function contactSheet(input: ContactSheetInput, context: ResolverContext): Promise<ContactSheetState> {
  const { services, reportFault } = context;
  const card = await findCheckpoint(services.checkpoints, input.base.checkpoint);
  const x = readAxis(input.x, ['input', 'x']);
  const y = input.y ? readAxis(input.y, ['input', 'y']) : null;
  const { cells, issues: cellIssues } = readCells(card, commonOf(input.base), x, y);
  const issues = [
    ...ownIssues(input, x, y),
    ...x.issues,
    ...(y?.issues ?? []),
    ...cellIssues,
    ...keyIssues(input.idempotencyKey),
  ];
  const reports = new Map<string, PromptReport>();
  const promptIssues = new Issues();
  for (const cell of cells) {
    const { prompt, negativePrompt } = cell.input;
    const report = reports.get(prompt) ?? services.prompts.check(card, prompt, negativePrompt ?? '');
    reports.set(prompt, report);
    promptIssues.add(
      cell,
      report.errors.map(({ path, message }) => ({ path: ['input', ...path], message })),
    );
  }
  // With other faults, the prompts' are told along with them: a caller should not find them one at a time.
  if (issues.length > 0) throw new InputError([...issues, ...promptIssues.all]);
  const refused = [...reports.values()].find(({ allowed }) => !allowed);
  if (refused) throw new PromptError({ ...refused, errors: promptIssues.all });
  checkSchedulers(card, cells);
  checkSizes(card, input.base.sdxl);
  checkScore(card, input.base.score ?? false);
  // Last, for it takes the most time.
  const from = input.base.start?.from;
  const read = from && (await services.starts.read(from, card, cells[0]!.parameters, START_FROM));
  const startOf = (cell: GenerateInput) =>
    read ? { from: read.from, latentKey: read.latentKey, strength: cell.start!.strength } : null;
  const requestOf = ({ input: cell, parameters }: SheetCell): GenerationRequest => ({
    card,
    prompt: cell.prompt,
    negativePrompt: cell.negativePrompt ?? '',
    report: reports.get(cell.prompt)!,
    parameters: { ...parameters, start: startOf(cell) },
    startContent: read?.content ?? null,
    idempotency: null,
    webhook: null,
  });
  const created = await services.contactSheets.create({
    x: axisOf(x),
    y: y && axisOf(y),
    cells: cells.map(requestOf),
    idempotency: sheetIdempotencyOf(input, startOf(input.base)),
  });
  if (!input.wait) return created;
  // It was accepted: whatever goes wrong from here on, the caller must be told its id.
  const newest = await services.contactSheets.wait(created.id, input.wait).catch((fault: unknown) => {
    reportFault(fault, 'contactSheet.wait');
    return null;
  });
  return newest ?? created;
}

/** What all of them have in common: one noise, where no other is asked for. */
function commonOf(base: GenerateInput): GenerateInput {
  return { ...base, seed: base.seed ?? drawSeed(), count: 1, keep: null, wait: null };
}

function axisOf({ parameter, values }: ReadAxis): SheetAxis {
  return { parameter, labels: values.map(({ label }) => label) };
}

/** What is wrong with an input beyond the values of its axes and the parameters of its generations. */
function ownIssues({ base, x, y, wait }: ContactSheetInput, readX: ReadAxis, readY: ReadAxis | null): InputIssue[] {
  const issues: InputIssue[] = [];
  const refuse = (path: readonly string[], message: string) => issues.push({ path: ['input', ...path], message });
  if (base.count != null && base.count !== 1)
    refuse(['base', 'count'], `count is ${base.count}: each cell is one image`);
  for (const name of ['keep', 'wait', 'webhook', 'idempotencyKey'] as const) {
    if (base[name] != null) refuse(['base', name], `${name} is not for the cells of a contact sheet: leave it out`);
  }
  if (y && y.parameter === x.parameter) {
    refuse(['y', 'parameter'], `parameter is ${y.parameter}, as that of x: the axes must be of different ones`);
  }
  for (const [name, axis] of [
    ['x', x],
    ['y', y],
  ] as const) {
    if (axis?.parameter === 'STRENGTH' && !base.start) {
      refuse([name, 'parameter'], 'parameter is STRENGTH, which is that of a start: base.start is missing');
    }
  }
  const cells = readX.values.length * (readY?.values.length ?? 1);
  if (cells > MOST_CELLS) refuse(['y', 'values'], `x and y make ${cells} cells: at most ${MOST_CELLS}`);
  if (wait != null && !(wait >= 0 && wait <= MAX_WAIT_MS)) {
    refuse(['wait'], `wait is ${wait}: ${wait < 0 ? 'at least 0' : `at most ${MAX_WAIT_MS}`}`);
  }
  return issues;
}
