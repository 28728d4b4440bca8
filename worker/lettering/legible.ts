/** What a caller has written, as one line of characters that can be drawn. */
export function legible(text: string): string {
  return text
    .normalize('NFC')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[\p{Control}\p{Default_Ignorable_Code_Point}]/gu, '')
    .trim();
}
