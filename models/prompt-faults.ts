/** Tabs and line breaks are white space like any other: people paste them. */
const CONTROL = /(?![\t\n\r])\p{Cc}/u;
const LONE_SURROGATE = /\p{Cs}/u;
/** White space, and characters that show nothing: zero-width ones, direction marks, the byte order mark. */
const NOTHING_VISIBLE = /^[\s\p{Cf}\p{Cc}]*$/u;

/** The most characters of a prompt, in Unicode code points. */
export const mostPromptCharacters = 1_000;

/**
 * Why a text cannot be a prompt, before anybody looks at its words.
 *
 * @param name what the caller called it
 * @param required whether it must show something
 * @param most characters, in Unicode code points
 */
export function promptFaults(name: string, text: string, required: boolean, most = mostPromptCharacters): string[] {
  const characters = countCharacters(text, most);
  if (characters > most) return [`${name} has ${characters} characters: at most ${most}`];
  const faults: string[] = [];
  const control = CONTROL.exec(text);
  if (control) faults.push(`${name} has the control character ${codePoint(control[0])} at ${control.index}`);
  const surrogate = LONE_SURROGATE.exec(text);
  if (surrogate) faults.push(`${name} has half a surrogate pair, ${codePoint(surrogate[0])}, at ${surrogate.index}`);
  if (required && faults.length === 0 && NOTHING_VISIBLE.test(text)) faults.push(`${name} is empty`);
  return faults;
}

/** A text of so many UTF-16 units has at least half as many code points: no need to look at a huge one. */
function countCharacters(text: string, most: number): number {
  if (text.length <= most || text.length > 2 * most) return text.length;
  let count = 0;
  for (const _ of text) count++;
  return count;
}

function codePoint(character: string): string {
  return `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;
}
