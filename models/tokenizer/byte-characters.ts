/**
 * A printable character for each byte, so that a vocabulary of byte sequences can be written as text: printable Latin-1
 * stands for itself, every other byte for a character from U+0100 on.
 * Source: Radford et al., "Language models are unsupervised multitask learners" (GPT-2), 2019, section 2.2.
 */
export const byteCharacters: readonly string[] = characterPerByte();

function characterPerByte(): string[] {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => {
    const printable = (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
    return String.fromCharCode(printable ? byte : next++);
  });
}

const encoder = new TextEncoder();

/** The text's UTF-8 bytes, one character for each. */
export function toByteCharacters(text: string): string[] {
  return Array.from(encoder.encode(text), byte => byteCharacters[byte]!);
}
