/** Breaks text into lines. */

/** Between words, but for spaces that hold together; and in names, after what holds their parts together. */
const pieces = / +|[^ _/-]+[_/-]*|[_/-]+/g;

const ellipsis = '…';

/**
 * As much in each line as it takes; what is left after the last ends in an ellipsis. A word that no line takes is broken
 * anywhere.
 * @param text of one line
 * @param fits whether a line takes a text
 */
export function breakLines(text: string, most: number, fits: (line: string) => boolean): string[] {
  const lines: string[] = [];
  let line = '';
  for (const piece of text.match(pieces) ?? []) {
    let rest = piece;
    if (!fits((line + rest).trimEnd()) && line !== '') {
      lines.push(line);
      line = '';
      rest = rest.trimStart();
    }
    while (rest !== '' && !fits((line + rest).trimEnd())) {
      const head = longest(rest, fits);
      lines.push(head);
      rest = rest.slice(head.length);
    }
    line += rest;
  }
  if (line.trim() !== '') lines.push(line);
  const kept =
    lines.length <= most ? lines : [...lines.slice(0, most - 1), shortened(lines.slice(most - 1).join(''), fits)];
  return kept.map(each => each.trimEnd());
}

/** The longest beginning that a line takes, at least a character. */
function longest(text: string, fits: (line: string) => boolean): string {
  const characters = [...text];
  let length = characters.length;
  while (length > 1 && !fits(characters.slice(0, length).join(''))) length--;
  return characters.slice(0, length).join('');
}

/** With an ellipsis, by whole words where a line takes one. */
function shortened(text: string, fits: (line: string) => boolean): string {
  const withEllipsis = (start: string) => `${start.replace(/[\s.,;:]+$/, '')}${ellipsis}`;
  const words = text.split(' ');
  for (let count = words.length; count > 0; count--) {
    const line = withEllipsis(words.slice(0, count).join(' '));
    if (fits(line)) return line;
  }
  return withEllipsis(longest(words[0]!, start => fits(withEllipsis(start))));
}
