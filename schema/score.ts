import type { CheckpointCard } from '../wire/card.ts';
import { builder } from './builder.ts';
import type { InputIssue, Score } from './context.ts';
import { RequestError } from './errors.ts';

export const ScoreType = builder.objectRef<Score>('Score').implement({
  description: 'What the checkpoint’s discriminator says of a picture.',
  fields: t => ({
    score: t.exposeFloat('score', { description: 'From 0, unlike the data that the checkpoint learned from, to 1.' }),
    real: t.exposeBoolean('real', {
      description: 'Whether it looks like that data: `score` reaches what most of it does.',
    }),
  }),
});

/** How many of `count` images to keep, null for all of them, and what is wrong with that. */
export function readKeep(
  { score, keep }: { readonly score?: boolean | null | undefined; readonly keep?: number | null | undefined },
  count: number,
): { readonly keep: number | null; readonly issues: readonly InputIssue[] } {
  if (keep == null) return { keep: null, issues: [] };
  const refuse = (rule: string) => ({
    keep,
    issues: [{ path: ['input', 'keep'], message: `keep is ${keep}: ${rule}` }],
  });
  if (!score) return refuse('which are the best is known only with score: true');
  if (keep < 1) return refuse('at least 1');
  if (keep > count) return refuse(`at most count, ${count}`);
  return { keep, issues: [] };
}

/** @throws RequestError UNSUPPORTED where there is nobody to ask */
export function checkScore({ name, discriminator }: CheckpointCard, score: boolean): void {
  if (!score || discriminator) return;
  throw new RequestError('UNSUPPORTED', `The checkpoint ${name} has no discriminator: leave out score and keep`);
}
