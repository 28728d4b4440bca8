import latin from '@fontsource/inter/files/inter-latin-400-normal.woff';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import type { Pixels } from '../../schema/context.ts';
import { encodePng } from '../images/png.ts';
import { drawText } from './draw-text.ts';
import { Face } from './face.ts';
import { inter } from './inter.ts';
import type { Contour } from './outlines.ts';
import { readWoff } from './woff.ts';

const size = 100;
const white = (width: number, height: number): Pixels => ({
  data: new Uint8Array(width * height * 3).fill(255),
  width,
  height,
});

/** How much black there is on white, in pixels. */
function ink({ data }: Pixels): number {
  return data.reduce((sum, value) => sum + (255 - value) / 255, 0) / 3;
}

function drawn(text: string, weight: 'REGULAR' | 'SEMI_BOLD' = 'REGULAR'): Pixels {
  const picture = white(300, 200);
  drawText(picture, text, 20.3, 120.6, { typeface: inter(weight), size, colour: [0, 0, 0] });
  return picture;
}

/** Of polygons that have as many corners as an outline has points, curves at their middles. */
function area(contours: readonly Contour[]): number {
  return Math.abs(
    contours
      .flatMap(contour => contour.map((point, i) => [point, contour[(i + 1) % contour.length]!] as const))
      .reduce((sum, [a, b]) => sum + (a.x * b.y - b.x * a.y) / 2, 0),
  );
}

describe('the font', () => {
  const face = new Face(latin);

  test('has 2048 units, and widths and heights in them', () => {
    expect(face.unitsPerEm).toBe(2_048);
    expect([face.ascent, face.descent]).toEqual([1_984, 494]);
    const width = (letter: string) => face.width(face.glyph(letter.codePointAt(0)!)!);
    expect(width('i')).toBeLessThan(width('n'));
    expect(width('n')).toBeLessThan(width('m'));
    expect(width('1')).toBeGreaterThan(500);
  });

  test('has outlines: one, two with a hole, none for a space, and those of an accented letter from its parts', () => {
    const contours = (letter: string) => face.contours(face.glyph(letter.codePointAt(0)!)!);
    expect(contours('l')).toHaveLength(1);
    expect(contours('o')).toHaveLength(2);
    expect(contours('B')).toHaveLength(3);
    expect(contours(' ')).toEqual([]);
    expect(contours('ä')).toHaveLength(contours('a').length + 2);
  });

  test('says of a character that it does not have it', () => {
    expect(face.glyph('日'.codePointAt(0)!)).toBeNull();
    expect(inter('REGULAR').place('日', size).glyphs[0]).toMatchObject({ glyph: 0 });
  });
});

describe('letters', () => {
  test('have the ink of their outlines', () => {
    const face = new Face(latin);
    const glyph = face.glyph('H'.codePointAt(0)!)!;
    // Of straight lines alone.
    expect(ink(drawn('H'))).toBeCloseTo((area(face.contours(glyph)) * size ** 2) / face.unitsPerEm ** 2, 0);
  });

  test('of a heavier weight have more, in scripts that it has not the same', () => {
    expect(ink(drawn('a', 'SEMI_BOLD'))).toBeGreaterThan(1.15 * ink(drawn('a')));
    expect(ink(drawn('я', 'SEMI_BOLD'))).toBeCloseTo(ink(drawn('я')), 6);
  });

  test.each(['é', 'ő', 'ế', 'λ', 'ж', '×', '…', '·', 'ß'])('%s is there', letter => {
    expect(inter('REGULAR').place(letter, size).glyphs[0]!.glyph).not.toBe(0);
    expect(ink(drawn(letter))).toBeGreaterThan(30);
  });

  test('are where another program puts them', async () => {
    // Read as SVG paths, made of the same outlines by a program that knows curves: sharp's.
    const face = new Face(latin);
    const text = 'Sage 8';
    const { glyphs } = inter('REGULAR').place(text, size);
    const paths = glyphs.map(({ glyph, x }) => {
      const scale = size / face.unitsPerEm;
      const place = (point: { x: number; y: number }) => `${20.3 + x + point.x * scale},${120.6 - point.y * scale}`;
      return face
        .contours(glyph)
        .map(contour => svgPath(contour, place))
        .join('');
    });
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="400" height="200"><rect width="400" height="200" fill="#fff"/><path d="${paths.join('')}"/></svg>`;
    const expected = await sharp(Buffer.from(svg)).removeAlpha().raw().toBuffer();
    const picture = white(400, 200);
    drawText(picture, text, 20.3, 120.6, { typeface: inter('REGULAR'), size, colour: [0, 0, 0] });
    const differences = picture.data.map((value, i) => Math.abs(value - expected[i]!));
    expect(differences.reduce((most, difference) => Math.max(most, difference), 0)).toBeLessThan(40);
    expect(differences.reduce((sum, difference) => sum + difference, 0) / ink(picture) / 3).toBeLessThan(2);
  });

  test('beyond the picture are left out', () => {
    const picture = white(10, 10);
    const style = { typeface: inter('REGULAR'), size: 12, colour: [0, 0, 0] } as const;
    for (const [x, y] of [
      [-500, 5],
      [500, 5],
      [5, -500],
      [5, 500],
    ] as const)
      drawText(picture, 'W', x, y, style);
    expect(ink(picture)).toBe(0);
    drawText(picture, 'WWWW', -4, 8, style);
    expect(ink(picture)).toBeGreaterThan(5);
  });

  test('are in a picture that is a PNG', async () => {
    const picture = drawn('ok');
    const { width, height } = await sharp(await encodePng(picture.data, picture.width, picture.height)).metadata();
    expect([width, height]).toEqual([300, 200]);
  });
});

test('a file that is no font is refused', () => {
  expect(() => readWoff(new ArrayBuffer(10))).toThrow('not a WOFF file');
  expect(() => readWoff(new ArrayBuffer(100))).toThrow('not a WOFF file');
});

function svgPath(contour: Contour, place: (point: { x: number; y: number }) => string): string {
  const middle = (a: { x: number; y: number }, b: { x: number; y: number }) => ({
    x: (a.x + b.x) / 2,
    y: (a.y + b.y) / 2,
  });
  const next = (i: number) => contour[(i + 1) % contour.length]!;
  const last = contour.at(-1)!;
  const first = contour[0]!;
  let path = `M${place(first.isOn ? first : last.isOn ? last : middle(last, first))}`;
  for (const [i, point] of contour.entries()) {
    if (point.isOn) path += `L${place(point)}`;
    else path += `Q${place(point)} ${place(next(i).isOn ? next(i) : middle(point, next(i)))}`;
  }
  return `${path}Z`;
}
