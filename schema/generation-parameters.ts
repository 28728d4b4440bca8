import { mostGuidanceScale, rangeFault, sideFault } from '../models/generation/limits.ts';
import type { CheckpointCard } from '../wire/card.ts';
import type { GenerationParameters, InputIssue } from './context.ts';
import { type GenerateInput, MAX_WAIT_MS } from './generate-input.ts';
import { mostImagesOf } from './most-images.ts';
import { defaultSchedulerOf } from './scheduler.ts';
import { readKeep } from './score.ts';
import { readSizes } from './sdxl-input.ts';
import { strengthIssues } from './start-input.ts';

/**
 * What an input asks for, defaults filled in and the seed drawn, and everything that is wrong with it. The limits are
 * the checkpoint's, so GraphQL's own types cannot know them. What it starts from is not looked at, only its strength.
 */
export function readParameters(
  card: CheckpointCard,
  input: GenerateInput,
): { readonly parameters: GenerationParameters; readonly wait: number; readonly issues: readonly InputIssue[] } {
  const { defaults, limits } = card;
  const issues: InputIssue[] = [];
  const refuse = (name: string, message: string | null) => {
    if (message !== null) issues.push({ path: ['input', name], message });
  };
  const within = (name: keyof GenerateInput, least: number, most: number, whenAbsent: number): number => {
    const value = (input[name] as number | null | undefined) ?? whenAbsent;
    refuse(name, rangeFault(name, value, least, most));
    return value;
  };
  const side = (name: 'width' | 'height', most: number): number => {
    const value = input[name] ?? defaults[name];
    refuse(name, sideFault(name, value, limits.multipleOf, most));
    return value;
  };

  const count = within('count', 1, mostImagesOf(card), 1);
  const seed = input.seed ?? drawSeed();
  // Subtracted, not added: beyond 2^53 sums are rounded.
  const mostSeed = Number.MAX_SAFE_INTEGER - (count - 1);
  if (seed > mostSeed) refuse('seed', `seed is ${seed}: with ${count} images at most ${mostSeed}`);
  const size = { width: side('width', limits.maxWidth), height: side('height', limits.maxHeight) };
  const beforeSteps = issues.length;
  const steps = within('steps', 1, limits.maxSteps, defaults.steps);
  if (input.start && issues.length === beforeSteps) issues.push(...strengthIssues(input.start, steps));
  const told = readSizes(input.sdxl ?? {}, size);
  const kept = readKeep(input, count);
  issues.push(...told.issues, ...kept.issues);
  const parameters: GenerationParameters = {
    checkpoint: card.name,
    ...size,
    steps,
    guidanceScale: within('guidanceScale', 0, mostGuidanceScale, defaults.guidanceScale),
    guidanceRescale: within('guidanceRescale', 0, 1, 0),
    eta: within('eta', 0, 1, 0),
    clipSkip: input.clipSkip == null ? null : within('clipSkip', 0, limits.maxClipSkip, 0),
    scheduler: input.scheduler ?? defaultSchedulerOf(card),
    seed,
    isSeedDrawn: input.seed == null,
    count,
    keep: kept.keep,
    score: input.score ?? false,
    start: null,
    sdxl: card.sizeConditioning ? told.sizes : null,
    reuse: input.reuse ?? 'EXACT',
  };
  return { parameters, wait: within('wait', 0, MAX_WAIT_MS, 0), issues };
}

/** Below 2^32: two drawn seeds that differ give noise that differs. */
export function drawSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0]!;
}
