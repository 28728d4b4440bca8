import type { VocabularyEntry } from '../wire/card.ts';

/** Kinds of words that name nothing that a picture could show alone. */
const describing = ['colour', 'size', 'relation', 'filler'];

/** What of a vocabulary names things. */
export function thingsIn(vocabulary: readonly VocabularyEntry[]): readonly VocabularyEntry[] {
  return vocabulary.filter(({ kind }) => !describing.includes(kind));
}
