import type { UnknownWord } from '../../schema/context.ts';
import type { VocabularyEntry } from '../../wire/card.ts';
import { singulars } from './base-forms.ts';
import { editDistance } from './edit-distance.ts';

const SUGGESTIONS = 3;
/** Letters and digits with apostrophes inside, or a pictograph: an emoji is a word to whoever types it. */
const WORD = /[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}]+)*|\p{Extended_Pictographic}/gu;

/**
 * Finds the words of a prompt that a checkpoint was never taught. A word counts as known where any phrase or synonym
 * of the vocabulary has it. A plural that was not taught is unknown, however well its singular is: to the model it is
 * another token; the singular is what is suggested first.
 */
export class VocabularyAdvice {
  readonly #known: ReadonlySet<string>;
  /** Phrases worth suggesting, with the texts that an unknown word is compared with. */
  readonly #phrases: readonly { readonly phrase: string; readonly texts: readonly string[] }[];

  constructor(vocabulary: readonly VocabularyEntry[]) {
    const names = vocabulary.flatMap(entry => [entry.phrase, ...entry.also].map(name => ({ name, kind: entry.kind })));
    this.#known = new Set(names.flatMap(({ name }) => wordsOf(name).map(({ known }) => known)));
    this.#phrases = names
      .filter(({ kind }) => kind !== 'filler')
      .map(({ name }) => ({
        phrase: name,
        texts: [...new Set([fold(name), ...wordsOf(name).map(word => word.known)])],
      }));
  }

  unknownWords(prompt: string): UnknownWord[] {
    const suggestions = new Map<string, string[]>();
    return wordsOf(prompt)
      .filter(word => !this.#known.has(word.known))
      .map(({ word, known, start, end }) => {
        if (!suggestions.has(known)) suggestions.set(known, this.#nearest(known));
        return { word, start, end, suggestions: suggestions.get(known)! };
      });
  }

  /** Phrases that are or hold something spelled like the word, of which a third of the letters may differ. */
  #nearest(word: string): string[] {
    const most = Math.ceil(word.length / 3);
    const singular = singulars(word);
    const distanceTo = (text: string, whole: boolean): number => {
      // A whole phrase goes before a part of one.
      const distance = singular.includes(text) ? 0 : editDistance(word, text, most);
      return distance + (whole ? 0 : 0.5);
    };
    const near = this.#phrases
      .map(({ phrase, texts }) => ({
        phrase,
        distance: Math.min(...texts.map((text, index) => distanceTo(text, index === 0))),
      }))
      .filter(({ distance }) => distance <= most)
      .sort((a, b) => a.distance - b.distance);
    // What is clearly farther off than the best is not what was meant.
    const best = near[0]?.distance ?? 0;
    return near
      .filter(({ distance }) => distance <= best + 1)
      .slice(0, SUGGESTIONS)
      .map(({ phrase }) => phrase);
  }
}

interface Word {
  readonly word: string;
  /** As it is looked up: folded, without a possessive's ending, which is a token of its own. */
  readonly known: string;
  readonly start: number;
  readonly end: number;
}

function wordsOf(text: string): Word[] {
  return Array.from(text.matchAll(WORD), ({ 0: word, index }) => ({
    word,
    known: fold(word).replace(/'s$/, ''),
    start: index,
    end: index + word.length,
  }));
}

function fold(text: string): string {
  return text.normalize('NFC').toLowerCase().replaceAll('’', "'");
}
