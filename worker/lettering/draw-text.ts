/** Draws text into pictures. */
import type { Pixels } from '../../schema/context.ts';
import { Coverage } from './coverage.ts';
import type { Contour, OutlinePoint } from './outlines.ts';
import type { Typeface } from './typeface.ts';

/** Red, green, blue, 0 to 255. */
export type Colour = readonly [number, number, number];

export interface TextStyle {
  readonly typeface: Typeface;
  /** Pixels. */
  readonly size: number;
  readonly colour: Colour;
}

/**
 * Draws a line of text; what reaches beyond the picture is left out.
 * @param x where it begins
 * @param y of its baseline
 */
export function drawText(picture: Pixels, text: string, x: number, y: number, style: TextStyle): void {
  const { typeface, size, colour } = style;
  const { glyphs, width } = typeface.place(text, size);
  const { above, below } = typeface.extent(size);
  // Letters reach beyond their own widths, accents beyond the extent.
  const margin = Math.ceil(size);
  const [left, top] = [Math.floor(x) - margin, Math.floor(y - above) - margin];
  const coverage = new Coverage(Math.ceil(width) + 2 * margin + 1, Math.ceil(above + below) + 2 * margin + 1);
  for (const { face, glyph, x: offset } of glyphs) {
    const scale = size / face.unitsPerEm;
    const place = ({ x: ownX, y: ownY }: Pick<OutlinePoint, 'x' | 'y'>) =>
      [x + offset + ownX * scale - left, y - ownY * scale - top] as const;
    for (const contour of face.contours(glyph)) trace(contour, place, coverage);
  }
  blend(picture, coverage, left, top, colour);
}

type Place = (point: Pick<OutlinePoint, 'x' | 'y'>) => readonly [x: number, y: number];

/** Curves become lines that are off by less than can be seen. */
const linesPerCurve = 6;

function trace(contour: Contour, place: Place, coverage: Coverage): void {
  const points = withMiddles(contour);
  const first = points.findIndex(({ isOn }) => isOn);
  if (first < 0) return;
  const around = [...points.slice(first), ...points.slice(0, first), points[first]!];
  let from = place(around[0]!);
  const lineTo = (to: readonly [number, number]) => {
    coverage.edge(...from, ...to);
    from = to;
  };
  for (let i = 1; i < around.length; i++) {
    const point = around[i]!;
    if (point.isOn) {
      lineTo(place(point));
      continue;
    }
    const [begin, control, end] = [from, place(point), place(around[++i]!)];
    for (let step = 1; step <= linesPerCurve; step++) lineTo(onCurve(begin, control, end, step / linesPerCurve));
  }
}

/** Whoever follows it finds a point on the curve on each side of a control point. */
function withMiddles(contour: Contour): OutlinePoint[] {
  return contour.flatMap((point, i) => {
    const next = contour[(i + 1) % contour.length]!;
    if (point.isOn || next.isOn) return [point];
    return [point, { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2, isOn: true }];
  });
}

type Point = readonly [x: number, y: number];

function onCurve(begin: Point, control: Point, end: Point, at: number): Point {
  const mix = (i: 0 | 1) => (1 - at) ** 2 * begin[i] + 2 * at * (1 - at) * control[i] + at ** 2 * end[i];
  return [mix(0), mix(1)];
}

function blend(picture: Pixels, coverage: Coverage, left: number, top: number, colour: Colour): void {
  const values = coverage.values();
  for (let row = 0; row < coverage.height; row++) {
    const y = top + row;
    if (y < 0 || y >= picture.height) continue;
    for (let column = 0; column < coverage.width; column++) {
      const share = values[row * coverage.width + column]!;
      const x = left + column;
      if (share === 0 || x < 0 || x >= picture.width) continue;
      const at = 3 * (y * picture.width + x);
      for (const [i, value] of colour.entries()) {
        const behind = picture.data[at + i]!;
        picture.data[at + i] = Math.round(behind + (value - behind) * share);
      }
    }
  }
}
