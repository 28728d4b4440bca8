/** Pictures in a terminal, by whichever of the ways it understands. */
import { decodePng, readPngFile } from '../../../worker/images/png-file.ts';

/** How a terminal shows pictures; null: not at all. */
export type PictureProtocol = 'kitty' | 'iterm' | 'half-blocks' | null;

/** What the terminal says of itself in its environment. */
export function pictureProtocol(env: Readonly<Record<string, string | undefined>>): PictureProtocol {
  const { TERM = '', TERM_PROGRAM = '', LC_TERMINAL = '', COLORTERM = '' } = env;
  // Multiplexers pass none of the protocols on, but colours.
  const direct = !/^(screen|tmux)/.test(TERM) && !env.TMUX;
  if (direct && (env.KITTY_WINDOW_ID || /kitty|ghostty/.test(TERM) || TERM_PROGRAM === 'ghostty')) return 'kitty';
  if (direct && (['iTerm.app', 'WezTerm'].includes(TERM_PROGRAM) || LC_TERMINAL === 'iTerm2')) return 'iterm';
  if (TERM !== 'dumb' && /^(truecolor|24bit)$/.test(COLORTERM)) return 'half-blocks';
  return null;
}

export interface Cells {
  readonly columns: number;
  readonly rows: number;
}

/** The room that a picture takes: a cell is about twice as high as it is wide. */
export function cellsFor(png: Uint8Array, most: Cells): Cells {
  const header = new DataView(png.buffer, png.byteOffset, png.byteLength);
  const [width, height] = [header.getUint32(16), header.getUint32(20)];
  const scale = Math.min(most.columns / width, (2 * most.rows) / height);
  return {
    columns: Math.max(1, Math.round(width * scale)),
    rows: Math.max(1, Math.round((height * scale) / 2)),
  };
}

/** What draws a picture from where the cursor is, which then is at the first column below it. */
export function drawing(protocol: NonNullable<PictureProtocol>, png: Uint8Array, cells: Cells): string {
  const below = `\r\x1b[${cells.rows}B`;
  if (protocol === 'kitty') return kitty(png, cells) + below;
  if (protocol === 'iterm') return `\x1b7${iterm(png, cells)}\x1b8${below}`;
  return halfBlocks(png, cells);
}

/**
 * The kitty graphics protocol (https://sw.kovidgoyal.net/kitty/graphics-protocol/): a PNG (f=100) in pieces of at most 4,096
 * characters. The same image and placement each time, so that a newer preview takes the place of the older one; the cursor
 * stays (C=1) and nothing is answered (q=2).
 */
function kitty(png: Uint8Array, { columns, rows }: Cells): string {
  const pieces =
    Buffer.from(png)
      .toString('base64')
      .match(/.{1,4096}/g) ?? [];
  return pieces
    .map((piece, i) => {
      const first = i === 0 ? `a=T,f=100,i=${process.pid},p=1,c=${columns},r=${rows},C=1,q=2,` : '';
      return `\x1b_G${first}m=${i < pieces.length - 1 ? 1 : 0};${piece}\x1b\\`;
    })
    .join('');
}

/** iTerm2's inline images (https://iterm2.com/documentation-images.html). */
function iterm(png: Uint8Array, { columns, rows }: Cells): string {
  const data = Buffer.from(png).toString('base64');
  return `\x1b]1337;File=inline=1;size=${png.byteLength};width=${columns};height=${rows};preserveAspectRatio=1:${data}\x07`;
}

/** Two pixels a cell: the upper one in the colour of a half block, the lower one behind it. */
function halfBlocks(png: Uint8Array, { columns, rows }: Cells): string {
  const { data, width, height } = decodePng(readPngFile(png), 'WHITE');
  const colour = (column: number, row: number) =>
    mean(data, width, [column * width, row * height], [columns, 2 * rows], height).join(';');
  let text = '';
  for (let row = 0; row < rows; row++) {
    let last = '';
    for (let column = 0; column < columns; column++) {
      const colours = `\x1b[38;2;${colour(column, 2 * row)};48;2;${colour(column, 2 * row + 1)}m`;
      text += `${colours === last ? '' : colours}▀`;
      last = colours;
    }
    text += '\x1b[0m\r\n';
  }
  return text;
}

/** The mean colour of the pixels that a half cell covers, at least of one. */
function mean(
  data: Uint8Array,
  width: number,
  [left, top]: readonly [number, number],
  [columns, rows]: readonly [number, number],
  height: number,
): readonly number[] {
  const from = [Math.floor(left / columns), Math.floor(top / rows)] as const;
  const to = [
    Math.max(from[0] + 1, Math.floor((left + width) / columns)),
    Math.max(from[1] + 1, Math.floor((top + height) / rows)),
  ] as const;
  const sums = [0, 0, 0];
  for (let y = from[1]; y < to[1]; y++) {
    for (let x = from[0]; x < to[0]; x++) {
      for (let channel = 0; channel < 3; channel++) sums[channel]! += data[(y * width + x) * 3 + channel]!;
    }
  }
  const count = (to[0] - from[0]) * (to[1] - from[1]);
  return sums.map(sum => Math.round(sum / count));
}
