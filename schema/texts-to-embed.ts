import type { CheckpointCard } from '../wire/card.ts';
import type { InputIssue, PromptService } from './context.ts';
import { InputError } from './errors.ts';
import type { TokenIds } from './laboratory-service.ts';

/**
 * Texts as the checkpoint reads them.
 * @param path of their list in the input
 * @throws InputError naming each that is no prompt
 */
export function readTexts(
  prompts: Pick<PromptService, 'check'>,
  card: CheckpointCard,
  texts: readonly string[],
  path: readonly string[],
): TokenIds[] {
  const issues: InputIssue[] = [];
  const read = texts.map((text, i) => {
    const { allowed, errors, modelTokenIds } = prompts.check(card, text, '');
    const name = path.at(-1)!.replace(/s$/, '');
    if (!allowed) {
      for (const { message } of errors) {
        issues.push({ path: [...path, String(i)], message: message.replace(/^prompt/, name) });
      }
    }
    return modelTokenIds;
  });
  if (issues.length > 0) throw new InputError(issues);
  return read;
}
