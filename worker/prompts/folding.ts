/*
 * Makes texts that look alike equal, for the block list: what a reader takes for the same word must not slip through.
 */

/** Letters of other scripts that look like Latin ones, lower case. */
const LOOKALIKES: ReadonlyMap<string, string> = new Map(
  [
    ...[
      'аa',
      'вb',
      'еe',
      'кk',
      'мm',
      'нh',
      'оo',
      'рp',
      'сc',
      'тt',
      'уy',
      'хx',
      'іi',
      'јj',
      'ѕs',
      'һh',
      'ԁd',
      'ԛq',
      'ԝw',
    ],
    ...[
      'αa',
      'βb',
      'εe',
      'ηn',
      'ιi',
      'κk',
      'νv',
      'οo',
      'ρp',
      'τt',
      'υu',
      'χx',
      'ɑa',
      'ɡg',
      'ıi',
      'łl',
      'øo',
      'đd',
      'ɩi',
    ],
  ].map(([from, to]) => [from!, to!]),
);

/** Digits and signs that stand for letters within a word. */
const DIGITS_AS_LETTERS: ReadonlyMap<string, string> = new Map(
  ['0o', '1i', '3e', '4a', '5s', '7t', '@a', '$s'].map(([from, to]) => [from!, to!]),
);
const WITHIN_WORD = /(?<=\p{L})[013457@$]|[013457@$](?=\p{L})/gu;

/** Without case, accents, width and font variants, and foreign lookalikes. */
function plain(text: string): string {
  const stripped = text.normalize('NFKD').toLowerCase().replace(/\p{M}/gu, '');
  return Array.from(stripped, character => LOOKALIKES.get(character) ?? character).join('');
}

function wordsOf(text: string): string[] {
  return text.match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** How an entry of the list may stand in a reading: its words with one space between them, or letter by letter. */
export function foldTerm(term: string): string[] {
  const words = wordsOf(plain(term.replace(/\p{Cf}/gu, '')));
  const letters = words.flatMap(word => [...word]);
  if (words.length === 0) return [];
  return [words, letters].map(parts => ` ${parts.join(' ')} `);
}

/**
 * Every way a reader could take the text: invisible characters left out or taken as gaps, digits taken as letters.
 * Words with one space between them, before and after.
 */
export function foldings(text: string): string[] {
  const readings = new Set<string>();
  for (const invisible of ['', ' ']) {
    const folded = plain(text.replace(/\p{Cf}/gu, invisible));
    const lettered = folded.replace(WITHIN_WORD, sign => DIGITS_AS_LETTERS.get(sign) ?? sign);
    for (const reading of [folded, lettered]) readings.add(` ${wordsOf(reading).join(' ')} `);
  }
  return [...readings];
}
