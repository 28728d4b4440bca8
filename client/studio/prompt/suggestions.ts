/** Which phrases of the vocabulary go on from what stands before the caret. */
import type { VocabularyEntry } from '../../sdk/index.ts';

export interface Suggestion {
  readonly phrase: string;
  readonly kind: string;
  /** Where in the prompt what it takes the place of begins, in UTF-16 units; it ends at the caret. */
  readonly from: number;
}

/** Fewer letters than these say too little. */
const leastLetters = 2;
const most = 7;

/** The word that is being typed: what to search the vocabulary for. Null where nothing is to be suggested. */
export function wordBefore(prompt: string, caret: number): string | null {
  const word = /[\p{L}\p{N}'’-]*$/u.exec(prompt.slice(0, caret))![0];
  // In the middle of a word nobody wants another one.
  if (word.length < leastLetters || /^[\p{L}\p{N}]/u.test(prompt.slice(caret))) return null;
  return word;
}

/**
 * The entries that go on from the text before the caret: first those that continue several words of it ("Japanese ca"),
 * then those that begin with the last word, then those with a later word that does.
 * @param entries whose names hold the last word
 */
export function suggest(prompt: string, caret: number, entries: readonly VocabularyEntry[]): Suggestion[] {
  const before = prompt.slice(0, caret);
  const word = wordBefore(prompt, caret);
  if (word === null) return [];
  const ranked = entries.flatMap(({ phrase, also, kind }) => {
    const fits = [phrase, ...also].map(name => fitOf(before, name, word));
    const best = fits.reduce((a, b) => (b.rank > a.rank ? b : a));
    // What stands there already needs no suggestion.
    if (best.rank === 0 || fits.some(({ whole }) => whole)) return [];
    return [{ phrase, kind, from: caret - best.taken, rank: best.rank }];
  });
  ranked.sort((a, b) => b.rank - a.rank);
  return ranked.slice(0, most).map(({ phrase, kind, from }) => ({ phrase, kind, from }));
}

interface Fit {
  /** 0: it does not go on from there. */
  readonly rank: number;
  /** How many characters before the caret it takes the place of. */
  readonly taken: number;
  readonly whole: boolean;
}

function fitOf(before: string, name: string, word: string): Fit {
  const text = before.toLowerCase();
  const lower = name.toLowerCase();
  for (let taken = Math.min(text.length, lower.length); taken >= word.length; taken--) {
    const starts = taken === text.length || /[^\p{L}\p{N}]/u.test(text[text.length - taken - 1]!);
    if (starts && lower.startsWith(text.slice(text.length - taken))) {
      return { rank: 1 + taken, taken, whole: taken === lower.length };
    }
  }
  const later = lower.split(/[^\p{L}\p{N}]+/u).some(part => part.startsWith(word.toLowerCase()));
  return { rank: later ? 1 : 0, taken: word.length, whole: false };
}

/** The prompt with a suggestion taken, and where the caret is then. */
export function take(prompt: string, caret: number, { phrase, from }: Suggestion): { prompt: string; caret: number } {
  const head = `${prompt.slice(0, from)}${phrase}`;
  const tail = prompt.slice(caret);
  const space = tail === '' || /^[\s\p{P}]/u.test(tail) ? '' : ' ';
  return { prompt: `${head}${space}${tail}`, caret: head.length };
}
