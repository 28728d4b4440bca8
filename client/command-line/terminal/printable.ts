/**
 * Texts for terminals. Names, prompts and messages come from whoever answers: what would move the cursor, change the title or
 * turn the order of letters round is shown, not done.
 */

/** Control characters but line ends and tabs, those of 8 bits too, and those that turn directions of writing. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it is about
const controls = /[\x00-\x08\x0b-\x1f\x7f-\x9f]|\p{Bidi_Control}/gu;

/** @example printable('a\x1b[2J') // 'a\\x1b[2J' */
export function printable(text: string): string {
  return text.replaceAll(controls, control => {
    const digits = control.charCodeAt(0).toString(16);
    return digits.length > 2 ? `\\u${digits.padStart(4, '0')}` : `\\x${digits.padStart(2, '0')}`;
  });
}

/** A JSON document that says the same to programs, and nothing to terminals: JSON itself escapes only the first 32. */
export function printableJson(document: unknown): string {
  const text = JSON.stringify(document, null, 2);
  return `${text.replaceAll(controls, control => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`;
}
