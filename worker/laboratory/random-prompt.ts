import { TorchGenerator } from '../../models/noise.ts';
import { thingsIn } from '../../schema/things.ts';
import type { VocabularyEntry } from '../../wire/card.ts';

/**
 * A prompt of what a checkpoint was taught: one of its things, on a background where it knows colours.
 * @param seed its low 32 bits count; the same gives the same prompt
 * @returns null where the vocabulary names no thing
 */
export function randomPrompt(vocabulary: readonly VocabularyEntry[], seed: number): string | null {
  const things = thingsIn(vocabulary);
  if (things.length === 0) return null;
  const generator = new TorchGenerator(seed);
  const one = (entries: readonly VocabularyEntry[]) => {
    return entries[generator.randint(0, entries.length, [1]).data[0]!]!.phrase;
  };
  const thing = one(things);
  const article = /^[aeiou]/i.test(thing) ? 'an' : 'a';
  const colours = vocabulary.filter(({ kind }) => kind === 'colour');
  return `${article} ${thing}${colours.length === 0 ? '' : ` on a ${one(colours)} background`}`;
}
