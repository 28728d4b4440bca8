import sharp from 'sharp';
import { expect, it } from 'vitest';
import { cellsFor, drawing, type PictureProtocol, pictureProtocol } from './pictures.ts';

it.each<[Record<string, string>, PictureProtocol]>([
  [{ TERM: 'xterm-kitty' }, 'kitty'],
  [{ TERM: 'xterm-256color', KITTY_WINDOW_ID: '1' }, 'kitty'],
  [{ TERM: 'xterm-ghostty' }, 'kitty'],
  [{ TERM_PROGRAM: 'iTerm.app', COLORTERM: 'truecolor' }, 'iterm'],
  [{ TERM_PROGRAM: 'WezTerm' }, 'iterm'],
  [{ TERM: 'xterm-256color', COLORTERM: 'truecolor' }, 'half-blocks'],
  [{ TERM: 'tmux-256color', TMUX: '/tmp/tmux', KITTY_WINDOW_ID: '1', COLORTERM: '24bit' }, 'half-blocks'],
  [{ TERM: 'xterm-256color' }, null],
  [{ TERM: 'dumb', COLORTERM: 'truecolor' }, null],
  [{}, null],
])('%o shows pictures by %s', (env, protocol) => {
  expect(pictureProtocol(env)).toBe(protocol);
});

/** Two columns, four rows: red and green, blue and white, and both once more as greys. */
const png = async () => {
  const pixels = [
    ...[255, 0, 0, 0, 255, 0],
    ...[0, 0, 255, 255, 255, 255],
    ...[10, 10, 10, 20, 20, 20],
    ...[30, 30, 30, 40, 40, 40],
  ];
  const raw = { width: 2, height: 4, channels: 3 } as const;
  return new Uint8Array(await sharp(Uint8Array.from(pixels), { raw }).png().toBuffer());
};

it('gives a picture as much room as there is, in its own proportions', async () => {
  expect(cellsFor(await png(), { columns: 40, rows: 20 })).toEqual({ columns: 20, rows: 20 });
  expect(cellsFor(await png(), { columns: 2, rows: 20 })).toEqual({ columns: 2, rows: 2 });
});

it('draws two pixels a cell, the upper one before the lower one', async () => {
  const lines = drawing('half-blocks', await png(), { columns: 2, rows: 2 }).split('\r\n');
  const cell = (upper: string, lower: string) => `\x1b[38;2;${upper};48;2;${lower}m▀`;
  expect(lines).toEqual([
    `${cell('255;0;0', '0;0;255')}${cell('0;255;0', '255;255;255')}\x1b[0m`,
    `${cell('10;10;10', '30;30;30')}${cell('20;20;20', '40;40;40')}\x1b[0m`,
    '',
  ]);
});

it('draws the mean where a cell has more pixels', async () => {
  const [line] = drawing('half-blocks', await png(), { columns: 1, rows: 1 }).split('\r\n');
  expect(line).toBe('\x1b[38;2;128;128;128;48;2;25;25;25m▀\x1b[0m');
});

it('sends kitty a PNG in pieces, and leaves the cursor below it', async () => {
  const large = new Uint8Array(10_000).fill(7);
  const sent = drawing('kitty', large, { columns: 4, rows: 2 });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what terminals are told
  const pieces = [...sent.matchAll(/\x1b_G([^;]*);([^\x1b]*)\x1b\\/g)];
  expect(pieces.map(([, control]) => control)).toEqual([
    expect.stringMatching(/^a=T,f=100,i=\d+,p=1,c=4,r=2,C=1,q=2,m=1$/),
    'm=1',
    'm=1',
    'm=0',
  ]);
  const whole = pieces.map(([, , data]) => data).join('');
  expect(new Uint8Array(Buffer.from(whole, 'base64'))).toEqual(large);
  expect(sent.endsWith('\r\x1b[2B')).toBe(true);
});
