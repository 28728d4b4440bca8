/** The curves as an SVG. */
import { type Curve, frontOf, type Measure } from './curve.ts';

interface Panel {
  readonly measure: Measure;
  readonly title: string;
  readonly low: number;
  readonly high: number;
  readonly tick: number;
  readonly text: (value: number) => string;
}

/** A line across a panel: what no curve of `.dklat` can be above. */
export type Bounds = Readonly<Record<Measure, number>>;

const panel = { width: 300, height: 260, left: 44, gap: 62, top: 64 } as const;
const bytes = { low: 0, high: 1000, tick: 200 } as const;
const legend = { top: 24, gap: 72, character: 7 } as const;
/** Colours that also who sees no red or green tells apart (Okabe and Ito 2008), and a mark each. */
const looks = [
  { colour: '#0072b2', mark: 'M-4 -4h8v8h-8z' },
  { colour: '#d55e00', mark: 'M0 -5L5 4H-5z' },
  { colour: '#009e73', mark: 'M0 -5L5 0L0 5L-5 0z' },
  { colour: '#cc79a7', mark: 'M-5 -4H5L0 5z' },
  { colour: '#a07000', mark: 'M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0' },
] as const;

/**
 * Three panels over bytes: PSNR, similarity and the judge's accuracy, with a line for each codec.
 * @param curves at most five, the first drawn thickest and last
 * @param bounds drawn as dashed lines: the same picture's latent, unquantised
 */
export function chart(curves: readonly Curve[], bounds: Bounds): string {
  const panels = panelsOf(curves, bounds);
  const width = panel.left + panels.length * (panel.width + panel.gap);
  const height = panel.top + panel.height + 56;
  const parts = panels.map((each, i) => {
    const x = panel.left + i * (panel.width + panel.gap);
    return `<g transform="translate(${x} ${panel.top})">${axes(each)}${lines(each, curves, bounds[each.measure])}</g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="12" fill="#222">`,
    '<title>Rate and distortion of .dklat, JPEG, WebP and AVIF</title>',
    `<rect width="${width}" height="${height}" rx="8" fill="#fff"/>`,
    key(curves),
    ...parts,
    '</svg>\n',
  ].join('\n');
}

function panelsOf(curves: readonly Curve[], bounds: Bounds): Panel[] {
  const values = (measure: Measure) => [
    bounds[measure],
    ...curves.flatMap(({ points }) => shown(points).map(point => point[measure])),
  ];
  const scaled = (measure: Measure, tick: number) => ({
    measure,
    tick,
    low: Math.floor(Math.min(...values(measure)) / tick) * tick,
    high: Math.ceil(Math.max(...values(measure)) / tick) * tick,
  });
  return [
    { ...scaled('psnr', 2), title: 'PSNR, dB', text: String },
    { ...scaled('similarity', 0.05), title: 'similarity to the original, embedded', text: value => value.toFixed(2) },
    { ...scaled('accuracy', 0.1), title: 'the judge finds every thing', text: value => `${Math.round(value * 100)} %` },
  ];
}

function shown<P extends { readonly bytes: number }>(points: readonly P[]): P[] {
  return points.filter(point => point.bytes <= bytes.high);
}

const across = (value: number) => round(((value - bytes.low) / (bytes.high - bytes.low)) * panel.width);
const up = ({ low, high }: Panel, value: number) => round(panel.height * (1 - (value - low) / (high - low)));
const round = (value: number) => Math.round(value * 10) / 10;

function axes(each: Panel): string {
  const parts = [`<text y="-10" font-weight="bold">${each.title}</text>`];
  const ticks = Math.round((each.high - each.low) / each.tick);
  for (let i = 0; i <= ticks; i++) {
    const value = each.low + i * each.tick;
    const y = up(each, value);
    parts.push(`<path d="M0 ${y}H${panel.width}" stroke="#ddd"/>`);
    parts.push(`<text x="-6" y="${y + 4}" text-anchor="end">${each.text(value)}</text>`);
  }
  for (let value = bytes.low; value <= bytes.high; value += bytes.tick) {
    const x = across(value);
    parts.push(`<path d="M${x} 0V${panel.height}" stroke="#eee"/>`);
    parts.push(`<text x="${x}" y="${panel.height + 18}" text-anchor="middle">${value}</text>`);
  }
  parts.push(`<path d="M0 0V${panel.height}H${panel.width}" fill="none" stroke="#222"/>`);
  parts.push(`<text x="${panel.width / 2}" y="${panel.height + 38}" text-anchor="middle">bytes, mean</text>`);
  return parts.join('');
}

function lines(each: Panel, curves: readonly Curve[], bound: number): string {
  const y = up(each, bound);
  const drawn = curves.map(({ points }, i) => {
    const { colour, mark } = looks[i]!;
    const places = shown(frontOf(points, each.measure)).map(
      point => [across(point.bytes), up(each, point[each.measure])] as const,
    );
    const path = places.map(place => place.join(' ')).join('L');
    const marks = places.map(([x, top]) => `<path transform="translate(${x} ${top})" d="${mark}" fill="${colour}"/>`);
    return `<path d="M${path}" fill="none" stroke="${colour}" stroke-width="${i === 0 ? 3 : 1.75}"/>${marks.join('')}`;
  });
  return `<path d="M0 ${y}H${panel.width}" stroke="${looks[0].colour}" stroke-dasharray="5 4"/>${drawn.reverse().join('')}`;
}

function key(curves: readonly Curve[]): string {
  const solid = ({ colour, mark }: (typeof looks)[number], i: number) =>
    `<path d="M-14 0H14" stroke="${colour}" stroke-width="${i === 0 ? 3 : 1.75}"/><path d="${mark}" fill="${colour}"/>`;
  const samples = [
    ...curves.map(({ codec }, i) => ({ name: codec, line: solid(looks[i]!, i) })),
    {
      name: 'latent in float32 (8,192 bytes)',
      line: `<path d="M-14 0H14" stroke="${looks[0].colour}" stroke-dasharray="5 4"/>`,
    },
  ];
  let x = panel.left + 14;
  const entries = samples.map(({ name, line }) => {
    const entry = `<g transform="translate(${x} ${legend.top})">${line}<text x="22" y="4">${name}</text></g>`;
    x += legend.gap + legend.character * name.length;
    return entry;
  });
  return entries.join('');
}
