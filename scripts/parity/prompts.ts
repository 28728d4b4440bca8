import type { VocabularyEntry } from '../../wire/card.ts';

export interface ParityPrompt {
  readonly prompt: string;
  readonly negativePrompt: string;
}

/** What no checkpoint was taught among what the shipped one knows, and texts that are hard to read. */
const written: readonly ParityPrompt[] = [
  { prompt: 'a red apple on a white background', negativePrompt: '' },
  { prompt: 'a cat', negativePrompt: '' },
  { prompt: 'a dog and a ball on a green background', negativePrompt: '' },
  { prompt: 'a yellow sun', negativePrompt: 'moon' },
  { prompt: 'two penguins on a blue background', negativePrompt: '' },
  { prompt: 'a rocket next to a star', negativePrompt: 'blurry' },
  { prompt: 'a pizza', negativePrompt: '' },
  { prompt: 'a small house and a big tree', negativePrompt: '' },
  { prompt: 'a whale on a light blue background', negativePrompt: 'fish' },
  { prompt: 'a bicycle', negativePrompt: '' },
  { prompt: 'an owl on a black background', negativePrompt: 'cat, dog' },
  { prompt: 'a cup of coffee', negativePrompt: '' },
  { prompt: 'a lion and a tiger', negativePrompt: '' },
  { prompt: 'a guitar on a pink background', negativePrompt: '' },
  { prompt: 'Grüne Äpfel & 3 birnen!', negativePrompt: '' },
  { prompt: 'a photograph of an astronaut riding a horse, highly detailed', negativePrompt: 'low quality' },
  { prompt: '', negativePrompt: '' },
  {
    prompt: 'a frog, a frog, a frog, a frog, a frog, a frog, a frog, a frog, a frog, a frog, a frog, a frog',
    negativePrompt: '',
  },
  { prompt: 'a car on an orange background', negativePrompt: '' },
  { prompt: 'a snowman', negativePrompt: 'summer' },
];

/** Kinds of the vocabulary that are not things to be seen. */
const words = ['colour', 'size', 'relation', 'filler'];

/**
 * So many prompts, the same ones every time: written ones, and by turns with them things of the checkpoint's vocabulary,
 * alone and in pairs.
 * @param vocabulary null where the checkpoint has none
 */
export function parityPrompts(vocabulary: readonly VocabularyEntry[] | null, count: number): readonly ParityPrompt[] {
  const of = (kind: string) => (vocabulary ?? []).filter(entry => entry.kind === kind).map(({ phrase }) => phrase);
  const things = (vocabulary ?? []).filter(({ kind }) => !words.includes(kind)).map(({ phrase }) => phrase);
  const [colours, relations, sizes] = [of('colour'), of('relation'), of('size')];
  const made = (i: number): ParityPrompt => {
    // Far from each other in the list, so that pairs are of different kinds.
    const [first, second] = [pick(things, 7 * i), pick(things, 7 * i + Math.floor(things.length / 2) + 1)];
    const place = colours.length > 0 ? ` on a ${pick(colours, i)} background` : '';
    const small = sizes.length > 0 ? `a ${pick(sizes, i)} ${first}` : first;
    const forms = [
      `${first}${place}`,
      `${first} ${relations.length > 0 ? pick(relations, i) : 'and'} ${second}${place}`,
      `${small} and ${second}`,
      `a picture of ${small}${place}`,
    ];
    return { prompt: pick(forms, Math.floor(i / 2)), negativePrompt: i % 5 === 4 ? second : '' };
  };
  return Array.from({ length: count }, (_, i) => {
    if (things.length === 0) return pick(written, i);
    return i % 2 === 0 && i / 2 < written.length ? written[i / 2]! : made(i);
  });
}

function pick<T>(list: readonly T[], i: number): T {
  return list[i % list.length]!;
}
