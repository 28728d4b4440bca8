import { expect, it } from 'vitest';
import { iconPictures, iconSets } from './icons.ts';

const ground = (colour: readonly number[]) => ({
  data: Uint8Array.from({ length: 3 * 128 * 128 }, (_, i) => colour[i % 3]!),
  dims: [128, 128, 3],
});
const grounds = [ground([255, 255, 255]), ground([40, 90, 215])];

it.each(iconSets)('%s: one icon and two, on the backgrounds of scenes', async set => {
  const pictures = await iconPictures(set, grounds);
  for (const [i, { data, dims }] of pictures.entries()) {
    expect(dims).toEqual([128, 128, 3]);
    expect(data).toHaveLength(3 * 128 * 128);
    expect(data.subarray(0, 3)).toEqual(grounds[i]!.data.subarray(0, 3));
    const drawn = data.filter((byte, at) => byte !== grounds[i]!.data[at]).length / data.length;
    expect(drawn).toBeGreaterThan(0.02);
    expect(drawn).toBeLessThan(0.7);
  }
  expect(await iconPictures(set, grounds)).toEqual(pictures);
});
