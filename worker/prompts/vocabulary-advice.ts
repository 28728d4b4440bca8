import type { UnknownWord } from '../../schema/context.ts';
import type { VocabularyEntry } from '../../wire/card.ts';
import { singulars } from './base-forms.ts';
import { editDistance } from './edit-distance.ts';

const SUGGESTIONS = 3;
/**
 * How many different words of a prompt get suggestions. Who was told what stands for twenty words does not need to be told
 * the rest at once, and a prompt of nothing but unknown words must not keep the edge busy.
 */
const WORDS_WITH_SUGGESTIONS = 20;
/** Letters and digits with apostrophes inside, or a pictograph: an emoji is a word to whoever types it. */
const WORD = /[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}]+)*|\p{Extended_Pictographic}/gu;

/**
 * Finds the words of a prompt that a checkpoint was never taught. A word counts as known where any phrase or synonym
 * of the vocabulary has it. A plural that was not taught is unknown, however well its singular is: to the model it is
 * another token; the singular is what is suggested first.
 */
export class VocabularyAdvice {
  readonly #known: ReadonlySet<string>;
  /** What unknown words are compared with, by length: few lengths are near enough to a word's own. */
  readonly #texts = new Map<number, Text[]>();

  constructor(vocabulary: readonly VocabularyEntry[]) {
    const names = vocabulary.flatMap(entry => [entry.phrase, ...entry.also].map(name => ({ name, kind: entry.kind })));
    this.#known = new Set(names.flatMap(({ name }) => wordsOf(name).map(({ known }) => known)));
    const fillers = new Set(
      names.filter(({ kind }) => kind === 'filler').flatMap(({ name }) => wordsOf(name).map(({ known }) => known)),
    );
    for (const [place, { name, kind }] of names.entries()) {
      const isFiller = kind === 'filler';
      const words = wordsOf(name).map(({ known }) => known);
      // Nobody who misspells "with" means a face with sunglasses.
      for (const text of new Set([fold(name), ...words.filter(word => isFiller || !fillers.has(word))])) {
        const isWhole = text === fold(name);
        const candidate = { text, letters: lettersOf(text), phrase: name, place, isWhole, isFiller };
        const sameLength = this.#texts.get(text.length);
        if (sameLength) sameLength.push(candidate);
        else this.#texts.set(text.length, [candidate]);
      }
    }
  }

  unknownWords(prompt: string): UnknownWord[] {
    const suggestions = new Map<string, string[]>();
    return wordsOf(prompt)
      .filter(word => !this.#known.has(word.known))
      .map(({ word, known, start, end }) => {
        if (!suggestions.has(known) && suggestions.size < WORDS_WITH_SUGGESTIONS) {
          suggestions.set(known, this.#nearest(known));
        }
        return { word, start, end, suggestions: suggestions.get(known) ?? [] };
      });
  }

  /** Phrases that are or hold something spelled like the word. */
  #nearest(word: string): string[] {
    const most = Math.ceil(word.length / 3);
    const near = new Map<string, { readonly distance: number; readonly place: number }>();
    const singular = singulars(word);
    const letters = lettersOf(word);
    for (let length = word.length - most; length <= word.length + most; length++) {
      for (const candidate of this.#texts.get(length) ?? []) {
        const { text, phrase, place, isWhole } = candidate;
        let distance = 0;
        if (!singular.includes(text)) {
          const apart = lettersApart(letters, candidate.letters);
          const tolerated = editsTolerated(word, candidate, apart);
          if (apart > tolerated) continue;
          distance = editDistance(word, text, tolerated);
          if (distance > tolerated) continue;
        }
        // A whole phrase goes before a part of one.
        if (!isWhole) distance += 0.5;
        if (distance <= most && distance < (near.get(phrase)?.distance ?? Infinity))
          near.set(phrase, { distance, place });
      }
    }
    const sorted = [...near].sort(([, a], [, b]) => a.distance - b.distance || a.place - b.place);
    // What is clearly farther off than the best is not what was meant.
    const best = sorted[0]?.[1].distance ?? 0;
    return sorted
      .filter(([, { distance }]) => distance <= best + 1)
      .slice(0, SUGGESTIONS)
      .map(([phrase]) => phrase);
  }
}

/** A phrase worth suggesting, or a word of one. */
interface Text {
  readonly text: string;
  readonly letters: number;
  readonly phrase: string;
  /** Of the phrase in the vocabulary. */
  readonly place: number;
  readonly isWhole: boolean;
  readonly isFiller: boolean;
}

/**
 * How many edits make a word a misspelling of a text, and no word of its own. Of what a picture can show a third of the
 * letters, but only one where the first letter differs, or the last of a short word: people seldom mistake those.
 */
function editsTolerated(word: string, { text, isWhole, isFiller }: Text, lettersApart: number): number {
  if (!isFiller) {
    const looksAlike = word[0] === text[0] && (word.length > 4 || word.at(-1) === text.at(-1));
    return looksAlike ? Math.ceil(word.length / 3) : 1;
  }
  // English is full of words like "hand" and "then": short fillers are meant where their own letters are swapped.
  if (!isWhole || text.length < 5) return lettersApart === 0 && word.length === text.length && text.length > 2 ? 1 : 0;
  return Math.floor(text.length / 5);
}

/** One bit for each letter that occurs; letters beyond a to z share theirs. */
function lettersOf(text: string): number {
  let letters = 0;
  for (let i = 0; i < text.length; i++) letters |= 1 << (text.charCodeAt(i) & 31);
  return letters;
}

/** No more than the edit distance, and much quicker: each letter that only one of them has takes an edit of its own. */
function lettersApart(a: number, b: number): number {
  return Math.max(bitsOf(a & ~b), bitsOf(b & ~a));
}

function bitsOf(number: number): number {
  let bits = 0;
  for (let rest = number; rest !== 0; rest &= rest - 1) bits++;
  return bits;
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
