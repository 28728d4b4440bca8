/** What was measured, in Markdown. */
import { type Curve, frontOf, reached, type Stretch, stretchesAhead } from './curve.ts';
import type { Measured } from './measure.ts';

/** The issue's own: at some rate up to this many bytes, so much better than JPEG. */
export const wanted = { bytes: 900, margin: 2 } as const;
const rates = [120, 150, 200, 250, 300, 400, 500, 600, 700, 800, 900];

/** Where `.dklat` is at least 2 dB better than JPEG in files that are small enough. */
export function farAhead({ curves }: Measured): Stretch[] {
  const [own, ...others] = curves as [Curve, ...Curve[]];
  return stretchesAhead(own, others.find(({ codec }) => codec === 'JPEG')!, 'psnr', wanted.margin, wanted.bytes);
}

/** Lines of Markdown: at equal bytes, where it stops winning, and every setting. */
export function tables(measured: Measured): string[] {
  return [...atEqualBytes(measured), '', ...verdicts(measured), '', ...everySetting(measured)];
}

function atEqualBytes({ curves, scenes }: Measured): string[] {
  const cell = (curve: Curve, bytes: number) => {
    const [psnr, similarity, accuracy] = (['psnr', 'similarity', 'accuracy'] as const).map(measure =>
      reached(curve, measure, bytes),
    ) as [number | null, number, number];
    return psnr === null ? '–' : `${psnr.toFixed(1)}, ${similarity.toFixed(3)}, ${percent(accuracy)}`;
  };
  return [
    `At equal bytes (means over ${scenes} held-out scenes of 128 × 128 pixels, half of them of two things): PSNR in dB, similarity, and`,
    'the share of pictures in which the judge finds every thing. – where a codec has no file so small.',
    '',
    ...table(
      ['bytes', ...curves.map(({ codec }) => codec)],
      rates.map(bytes => [String(bytes), ...curves.map(curve => cell(curve, bytes))]),
    ),
  ];
}

function verdicts(measured: Measured): string[] {
  const { curves } = measured;
  const [own, ...others] = curves as [Curve, ...Curve[]];
  const most = Math.round(Math.max(...curves.flatMap(({ points }) => points.map(({ bytes }) => bytes))));
  const ahead = others.map(rival => {
    const least = Math.min(...rival.points.map(({ bytes }) => bytes));
    const [psnr, accuracy] = (['psnr', 'accuracy'] as const).map(measure =>
      places(stretchesAhead(own, rival, measure, 0, most)),
    );
    return `- ${rival.codec}, whose smallest files have ${least.toFixed(0)} bytes: \`.dklat\` has the higher PSNR ${psnr}, and the judge's favour ${accuracy}.`;
  });
  const far = farAhead(measured);
  const margin = `at least ${wanted.margin} dB better than JPEG in files of ${wanted.bytes} bytes or less`;
  return [...ahead, far.length === 0 ? `- It is nowhere ${margin}.` : `- It is ${margin} ${places(far)}.`];
}

function everySetting({ curves, unquantised, original }: Measured): string[] {
  const rows = [...curves, unquantised].flatMap(({ codec, points }) =>
    frontOf(points, 'psnr').map(({ setting, bytes, psnr, similarity, accuracy }) => [
      codec,
      setting,
      bytes.toFixed(0),
      psnr.toFixed(2),
      similarity.toFixed(3),
      percent(accuracy),
      ((100 * 100 * accuracy) / bytes).toFixed(1),
    ]),
  );
  return [
    `Every setting that no smaller file of its codec beats; the judge finds every thing in ${(100 * original).toFixed(1)} % of the renderings`,
    'themselves. *Accuracy per byte* is in points per 100 bytes.',
    '',
    ...table(['codec', 'setting', 'bytes', 'PSNR, dB', 'similarity', 'judge', 'accuracy per byte'], rows),
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((text, i) => Math.max(text.length, ...rows.map(row => row[i]!.length)));
  const line = (cells: readonly string[]) => `| ${cells.map((text, i) => text.padEnd(widths[i]!)).join(' | ')} |`;
  return [line(head), `|${widths.map(width => '-'.repeat(width + 2)).join('|')}|`, ...rows.map(line)];
}

const percent = (share: number) => `${(100 * share).toFixed(0)} %`;

function places(stretches: readonly Stretch[]): string {
  if (stretches.length === 0) return 'nowhere';
  return `at ${stretches.map(({ from, to }) => `${from} to ${to}`).join(' and ')} bytes`;
}
