/** A prompt cut at the words that the checkpoint was never taught. */
import type { UnknownWord } from '../../sdk/index.ts';

export interface Piece {
  readonly text: string;
  readonly unknown: boolean;
}

/** @param words in the order in which they stand there, as a report of this very prompt has them */
export function piecesOf(prompt: string, words: readonly UnknownWord[]): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const { start, end, word } of words) {
    // The report is of an earlier text until the next one comes.
    if (start < at || prompt.slice(start, end) !== word) continue;
    if (start > at) pieces.push({ text: prompt.slice(at, start), unknown: false });
    pieces.push({ text: word, unknown: true });
    at = end;
  }
  if (at < prompt.length) pieces.push({ text: prompt.slice(at), unknown: false });
  return pieces;
}

/** The prompt with one unknown word replaced, wherever it stands now. */
export function replaceWord(prompt: string, { word, start, end }: UnknownWord, by: string): string {
  const at = prompt.slice(start, end) === word ? start : prompt.indexOf(word);
  return at < 0 ? prompt : `${prompt.slice(0, at)}${by}${prompt.slice(at + word.length)}`;
}
