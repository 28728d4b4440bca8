/** Breaks text into lines. */

/** Between words, but for spaces that hold together; and in names, after what holds their parts together. */
const pieces = / +|[^ _/-]+[_/-]*|[_/-]+/g;

const ellipsis = '…';
const space = /\s/;
/** Not before an ellipsis. */
const pause = /[\s.,;:]/;

export interface LineRoom {
  /** Of a line, in whatever unit. */
  readonly across: number;
  /** Of a character, wherever it stands. */
  readonly widthOf: (character: string) => number;
}

/**
 * As much in each line as it takes; what is left after the last ends in an ellipsis. A word that no line takes is broken
 * anywhere. Each character is measured once, however many lines there are.
 * @param text of one line
 */
export function breakLines(text: string, most: number, { across, widthOf }: LineRoom): string[] {
  const ruler = new Ruler(text, widthOf);
  const fits = (from: number, to: number) => ruler.width(from, to, space) <= across;
  const lines: { readonly from: number; readonly to: number }[] = [];
  const isOver = () => lines.length > most;
  let [from, to] = [0, 0];
  const end = (at: number) => {
    lines.push({ from, to: at });
    from = at;
  };
  for (const piece of text.match(pieces) ?? []) {
    const next = to + [...piece].length;
    if (from < to && !fits(from, next)) {
      end(to);
      while (from < next && space.test(ruler.characters[from]!)) from++;
    }
    while (from < next && !fits(from, next) && !isOver()) {
      const start = from;
      end(furthest(start + 1, next, at => fits(start, at)));
    }
    if (isOver()) break;
    to = next;
  }
  if (ruler.text(from, to, space) !== '') end(to);
  if (!isOver()) return lines.map(line => ruler.text(line.from, line.to, space));
  const kept = lines.slice(0, most - 1).map(line => ruler.text(line.from, line.to, space));
  return [...kept, shortened(ruler, lines[most - 1]!.from, across - widthOf(ellipsis))];
}

/** All from a character on that a line takes, with an ellipsis: by whole words where it takes one. */
function shortened(ruler: Ruler, from: number, across: number): string {
  const { characters } = ruler;
  const cut = furthest(from + 1, characters.length, at => ruler.width(from, at, pause) <= across);
  let word = cut;
  while (word > from && word < characters.length && characters[word] !== ' ') word--;
  return ruler.text(from, word > from ? word : cut, pause) + ellipsis;
}

/** Of places as far as which something fits, the last; the first, where it fits nowhere. */
function furthest(first: number, last: number, fits: (at: number) => boolean): number {
  let [low, high] = [first, last];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** How wide the parts of a text are, between any two of its characters. */
class Ruler {
  readonly characters: readonly string[];
  /** Of as many of the first characters as the place in the list says. */
  readonly #widths: readonly number[];

  constructor(text: string, widthOf: (character: string) => number) {
    this.characters = [...text];
    let width = 0;
    this.#widths = [0, ...this.characters.map(character => (width += widthOf(character)))];
  }

  /** @param trailing what is not counted at the end */
  width(from: number, to: number, trailing: RegExp): number {
    return this.#widths[this.#before(from, to, trailing)]! - this.#widths[from]!;
  }

  text(from: number, to: number, trailing: RegExp): string {
    return this.characters.slice(from, this.#before(from, to, trailing)).join('');
  }

  #before(from: number, to: number, trailing: RegExp): number {
    let end = to;
    while (end > from && trailing.test(this.characters[end - 1]!)) end--;
    return end;
  }
}
