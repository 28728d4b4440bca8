/** What the server makes of a prompt, where that may be other than was meant. */
import type { PromptReport } from '../sdk/index.ts';

/** A line each. */
export function warnings({ unknownWords, truncated }: Pick<PromptReport, 'unknownWords' | 'truncated'>): string[] {
  const lines = unknownWords.map(({ word, suggestions }) => {
    const instead = suggestions.length > 0 ? `; it knows ${suggestions.join(', ')}` : '';
    return `Warning: the checkpoint was never taught “${word}”${instead}`;
  });
  if (truncated) lines.push('Warning: the prompt is too long, its end is not read');
  return lines;
}
