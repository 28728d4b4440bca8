import type { AddedToken } from '../../wire/card.ts';

/** A piece of a text: a token, or what stands between two of them. */
export interface Piece {
  readonly part: string;
  readonly token: boolean;
}

/** Finds the tokens that a raw text holds, and what belongs to them, as transformers' Python tokenizers do. */
export class TokenSplitter {
  readonly #tokens: ReadonlyMap<string, AddedToken>;
  readonly #pattern: RegExp;

  /** @param tokens each once, by what it is */
  constructor(tokens: ReadonlyMap<string, AddedToken>) {
    this.#tokens = tokens;
    const longestFirst = [...tokens.keys()].sort((a, b) => b.length - a.length);
    const any = longestFirst.map(text => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|');
    // Splitting by a group keeps what was matched.
    this.#pattern = new RegExp(`(${any})`, 'u');
  }

  split(text: string): Piece[] {
    const parts = text.split(this.#pattern).filter(part => part !== '');
    for (let i = 0; i < parts.length; i++) {
      const token = this.#tokens.get(parts[i]!);
      if (token) settle(parts, i, token);
    }
    return parts.flatMap(part => (part === '' ? [] : [{ part, token: this.#tokens.has(part) }]));
  }
}

/** Takes the spaces that belong to a token, and makes it text like its neighbour where it is only a part of a word. */
function settle(parts: string[], i: number, { stripsBefore, stripsAfter, wholeWord }: AddedToken): void {
  const [before, after] = [parts[i - 1] ?? '', parts[i + 1] ?? ''];
  if (stripsAfter && after !== '') parts[i + 1] = after.trimStart();
  if (stripsBefore && before !== '') parts[i - 1] = before.trimEnd();
  if (!wholeWord) return;
  const own = parts[i]!;
  if (before !== '' && before.at(-1) !== ' ') {
    parts[i - 1] += own;
    parts[i] = '';
  } else if (after !== '' && after[0] !== ' ') {
    parts[i + 1] = own + parts[i + 1];
    parts[i] = '';
  }
}
