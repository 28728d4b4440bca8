const IRREGULAR: ReadonlyMap<string, string> = new Map([
  ['children', 'child'],
  ['dice', 'die'],
  ['feet', 'foot'],
  ['geese', 'goose'],
  ['men', 'man'],
  ['mice', 'mouse'],
  ['oxen', 'ox'],
  ['people', 'person'],
  ['teeth', 'tooth'],
  ['women', 'woman'],
]);

/** English: a final ending, and what may have stood there. */
const ENDINGS: readonly (readonly [ending: string, was: readonly string[]])[] = [
  ['ies', ['y']],
  ['ves', ['f', 'fe']],
  ['es', ['', 'e']],
  ['s', ['']],
];

/** What an English plural may be the plural of; may name words that there are not. Lower case. */
export function singulars(word: string): string[] {
  const irregular = IRREGULAR.get(word);
  const regular = ENDINGS.flatMap(([ending, was]) =>
    word.endsWith(ending) ? was.map(before => word.slice(0, -ending.length) + before) : [],
  );
  return [...(irregular ? [irregular] : []), ...regular.filter(form => form.length > 1)];
}
