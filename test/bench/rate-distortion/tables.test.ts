import { expect, it } from 'vitest';
import type { Curve } from './curve.ts';
import type { Measured } from './measure.ts';
import { farAhead, tables } from './tables.ts';

const curve = (codec: string, ...points: [number, number][]): Curve => ({
  codec,
  points: points.map(([bytes, psnr]) => ({ setting: `at ${bytes}`, bytes, psnr, similarity: 0.9, accuracy: 0.5 })),
});
const measured = (jpeg: Curve): Measured => ({
  scenes: 7,
  original: 1,
  unquantised: curve('latent in float32', [8192, 31]),
  curves: [curve('.dklat', [100, 25], [300, 30]), jpeg],
});

it('finds where it is far ahead in small files, and where it is not', () => {
  expect(farAhead(measured(curve('JPEG', [400, 21], [1200, 31])))).toEqual([{ from: 400, to: 900 }]);
  expect(farAhead(measured(curve('JPEG', [400, 21], [600, 31])))).toEqual([{ from: 400, to: 540 }]);
  expect(farAhead(measured(curve('JPEG', [400, 28.5], [600, 31])))).toEqual([]);
  expect(farAhead(measured(curve('JPEG', [1000, 21])))).toEqual([]);
});

it('says what each codec reaches at equal bytes, and where it has nothing', () => {
  const lines = tables(measured(curve('JPEG', [400, 21], [1200, 31])));
  const at = (bytes: number) => lines.find(line => line.startsWith(`| ${bytes} `))!;
  expect(at(200).replaceAll(/ +/g, ' ')).toBe('| 200 | 27.5, 0.900, 50 % | – |');
  expect(at(600).replaceAll(/ +/g, ' ')).toBe('| 600 | 30.0, 0.900, 50 % | 23.5, 0.900, 50 % |');
  expect(lines).toContain(
    "- JPEG, whose smallest files have 400 bytes: `.dklat` has the higher PSNR at 400 to 1120 bytes, and the judge's favour at 400 to 1200 bytes.",
  );
  expect(lines.filter(line => line.includes('accuracy per byte'))).toHaveLength(1);
  expect(lines.find(line => line.includes('at 300'))).toContain('16.7');
});
