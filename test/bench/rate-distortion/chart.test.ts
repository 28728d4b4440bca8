import sharp from 'sharp';
import { expect, it } from 'vitest';
import { chart } from './chart.ts';
import type { Curve } from './curve.ts';

const point = (bytes: number, psnr: number) => ({
  setting: '',
  bytes,
  psnr,
  similarity: psnr / 40,
  accuracy: psnr / 50,
});
const curves: Curve[] = [
  { codec: '.dklat', points: [point(100, 25), point(300, 30)] },
  { codec: 'JPEG', points: [point(400, 21), point(950, 30), point(1500, 36)] },
];

/** How many pixels have nearly this colour. */
async function pixelsOf(svg: string, colour: readonly [number, number, number]): Promise<number> {
  const { data, info } = await sharp(Buffer.from(svg)).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  let count = 0;
  for (let i = 0; i < info.width * info.height; i++) {
    if (colour.every((value, c) => Math.abs(value - data[i * 3 + c]!) < 12)) count++;
  }
  return count;
}

it('draws every curve on a ground of its own, readable whatever page it is on', async () => {
  const svg = chart(curves, { psnr: 31, similarity: 0.8, accuracy: 0.7 });
  const [blue, orange, white] = [
    [0, 114, 178],
    [213, 94, 0],
    [255, 255, 255],
  ] as const;
  for (const colour of [blue, orange]) expect(await pixelsOf(svg, colour)).toBeGreaterThan(300);
  expect(await pixelsOf(svg, white)).toBeGreaterThan(100_000);
  const withoutJpeg = chart(curves.slice(0, 1), { psnr: 31, similarity: 0.8, accuracy: 0.7 });
  expect(await pixelsOf(withoutJpeg, orange)).toBe(0);
});

it('names codecs, measures and units, and leaves out files that are too large', () => {
  const svg = chart(curves, { psnr: 31, similarity: 0.8, accuracy: 0.7 });
  for (const text of ['.dklat', 'JPEG', 'PSNR, dB', 'bytes, mean', '1000']) expect(svg).toContain(`>${text}</text>`);
  // The axis ends at what is shown: 31 dB, not 36.
  expect(svg).toContain('>32</text>');
  expect(svg).not.toContain('>34</text>');
});
