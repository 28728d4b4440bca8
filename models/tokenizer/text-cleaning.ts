/**
 * What CLIP's tokenizer in transformers does to a text before byte-pair encoding when ftfy is not installed: its
 * `BasicTokenizer` with lower-casing, without stripping accents or splitting punctuation.
 */

/** Not whitespace and not visible: dropped. Tab, line feed and carriage return count as whitespace instead. */
const invisible = /[^\P{C}\t\n\r]|\ufffd/gu;

/** Each of these is a word of its own, as Chinese and Japanese texts put no spaces between words. */
const ideograph =
  /[\u{4e00}-\u{9fff}\u{3400}-\u{4dbf}\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b820}-\u{2ceaf}\u{f900}-\u{faff}\u{2f800}-\u{2fa1f}]/gu;

/** @returns lower-case words without invisible characters, in Unicode's composed form (NFC), one space between them */
export function cleanText(text: string): string {
  return (
    text
      .replace(invisible, '')
      .replace(ideograph, ' $& ')
      .normalize('NFC')
      .trim()
      .split(/\s+/u)
      // Word by word: whether a capital sigma is a final one depends on what stands beside it.
      .map(word => word.toLowerCase())
      .join(' ')
  );
}
