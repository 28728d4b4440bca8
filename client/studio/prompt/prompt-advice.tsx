/** What the server says about the prompt: why it is not accepted, what it does not know, what it will not read. */
import type { PromptReport } from '../../sdk/index.ts';
import { Notice } from '../parts/notice.tsx';
import { replaceWord } from './marked.ts';

interface PromptAdviceProps {
  /** For `aria-describedby` of the prompt. */
  readonly id: string;
  readonly prompt: string;
  readonly report: PromptReport | null;
  readonly onChange: (prompt: string) => void;
}

export function PromptAdvice({ id, prompt, report, onChange }: PromptAdviceProps) {
  const words = distinct(report?.unknownWords ?? []).filter(({ word }) => prompt.includes(word));
  return (
    // Always there: what comes into it is read.
    <div id={id} aria-live="polite" class="stack prompt-advice">
      {report?.errors.map(({ message }) => (
        <Notice key={message} tone="warn">
          <p>{message}</p>
        </Notice>
      ))}
      {words.length > 0 && (
        <Notice tone="warn">
          {words.map(unknown => (
            <div key={unknown.word} class="row">
              <span>
                <strong>{unknown.word}</strong> is not something this checkpoint was taught
                {unknown.suggestions.length > 0 ? '. Did you mean' : ''}
              </span>
              {unknown.suggestions.map(suggestion => (
                <button
                  key={suggestion}
                  type="button"
                  class="chip"
                  onClick={() => onChange(replaceWord(prompt, unknown, suggestion))}
                >
                  {suggestion}
                </button>
              ))}
            </div>
          ))}
        </Notice>
      )}
      {report?.truncated && (
        <Notice tone="warn">
          <p>
            The prompt is longer than the model reads: it takes {report.tokens.length} tokens and drops the rest. Say
            the most important things first.
          </p>
        </Notice>
      )}
    </div>
  );
}

function distinct<T extends { readonly word: string }>(words: readonly T[]): T[] {
  return [...new Map(words.map(word => [word.word, word])).values()];
}
