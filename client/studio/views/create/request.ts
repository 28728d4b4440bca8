/** The form as the input of `generate`: what was not set is left to the checkpoint. */
import type { GenerateInput } from '../../../sdk/index.ts';
import type { Draft } from '../../state/draft.ts';

export function requestOf(draft: Draft): GenerateInput {
  const { prompt, negativePrompt, start, strength, count, score, here: _, ...rest } = draft;
  const from = start && (start.kind === 'file' ? { image: start.file } : { latentKey: start.key });
  return {
    ...rest,
    prompt,
    count,
    ...(negativePrompt.trim() === '' ? {} : { negativePrompt }),
    ...(score ? { score } : {}),
    ...(from ? { start: { from, strength } } : {}),
  };
}
