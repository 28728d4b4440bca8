import { expect, it } from 'vitest';
import { rivalsOf } from './rivals.ts';

const side = 64;
/** A disc on a gradient. */
const data = Uint8Array.from({ length: side * side * 3 }, (_, i) => {
  const [x, y] = [Math.floor(i / 3) % side, Math.floor(i / 3 / side)];
  return Math.hypot(x - 32, y - 32) < 16 ? [230, 60, 40][i % 3]! : 2 * x + y;
});
const picture = { data, width: side, height: side };

it('has the best quality that fits, whatever the codec', async () => {
  for (const bytes of [800, 1_500, 3_000]) {
    const rivals = await rivalsOf(picture, bytes);
    expect(rivals.map(({ codec }) => codec)).toEqual(['JPEG', 'WebP']);
    for (const rival of rivals) {
      expect(rival.bytes).toBeLessThanOrEqual(bytes);
      expect(rival.psnr).toBeGreaterThan(20);
    }
  }
  const [few, many] = [await rivalsOf(picture, 800), await rivalsOf(picture, 3_000)];
  for (const i of [0, 1]) expect(many[i]!.psnr).toBeGreaterThan(few[i]!.psnr);
});

it('has the least quality where even that does not fit', async () => {
  for (const rival of await rivalsOf(picture, 10)) {
    expect(rival.quality).toBe(1);
    expect(rival.bytes).toBeGreaterThan(10);
  }
});
