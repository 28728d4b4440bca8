/** Encodings as features for a classifier: the way from pictures to figures, with a tiny checkpoint. */
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TorchGenerator } from '../../models/noise.ts';
import { ApiError, DarkroomApi } from '../../scripts/darkroom-api.ts';
import { compare, picturesToEmbed } from '../../scripts/features/comparison.ts';
import type { DataSet, Picture } from '../../scripts/features/data-set.ts';
import { embedPictures } from '../../scripts/features/embeddings.ts';
import { tinyFolder } from '../models/tiny-checkpoint.ts';
import { withExtras } from '../models/tiny-extras.ts';
import { House } from './house.ts';

let house: House;
let api: DarkroomApi;
beforeAll(async () => {
  house = await House.build({}, true, [withExtras(tinyFolder())]);
  api = new DarkroomApi(house.url);
});
afterAll(() => house?.tearDown());

const generator = new TorchGenerator(3);

/** Noise around a colour. */
async function picture(...colour: [number, number, number]): Promise<Picture> {
  const noise = generator.randint(-20, 21, [8 * 8 * 3]).data;
  const values = Uint8Array.from(noise, (shift, i) => 128 + colour[i % 3]! + Number(shift));
  const file = await sharp(values, { raw: { width: 8, height: 8, channels: 3 } })
    .png()
    .toBuffer();
  return { file, pixels: { '8 × 8': Float32Array.from(values) } };
}

const pictures = async (count: number): Promise<Picture[][]> =>
  Promise.all([
    Promise.all(Array.from({ length: count }, () => picture(90, -90, -90))),
    Promise.all(Array.from({ length: count }, () => picture(-90, -90, 90))),
  ]);

it('goes from pictures to figures', async () => {
  const dataSet: DataSet = {
    classes: ['a', 'b'],
    draws: [await pictures(5), await pictures(5)],
    tests: await pictures(12),
  };
  let embedded = 0;
  const results = await compare(api, dataSet, count => {
    embedded += count;
  });
  expect(embedded).toBe(picturesToEmbed(dataSet));
  // Pixels, codes of 3 × 4 × 4 numbers, encodings of 5, and names.
  expect(results.map(({ numbers }) => numbers)).toEqual([192, 48, 5, 5]);
  for (const { total } of results) expect(total).toBe(24);
  // Red and blue are told apart by what is linear in pixels, even behind weights that nobody trained.
  expect(results.slice(0, 3).map(({ right }) => right)).toEqual([24, 24, 24]);
  expect(results.map(({ others }) => others)).toEqual([[1, 1], null, [1, 1], null]);
});

it('keeps pictures in their order, however many requests they take', async () => {
  const files = (await pictures(35)).flat().map(({ file }) => file);
  const together = await embedPictures(api, files, 'EMBEDDING');
  expect(together).toHaveLength(70);
  for (const i of [0, 34, 63, 64, 69])
    expect(await embedPictures(api, [files[i]!], 'EMBEDDING')).toEqual([together[i]]);
});

it('says what is wrong', async () => {
  await expect(embedPictures(api, [Uint8Array.of(1, 2, 3)], 'EMBEDDING')).rejects.toThrow(
    /input\.images\.0\.data: .*no PNG, JPEG or WebP/,
  );
  const nowhere = new DarkroomApi('http://127.0.0.1:1');
  await expect(nowhere.ask('{ __typename }')).rejects.toThrow(ApiError);
  await expect(nowhere.ask('{ __typename }')).rejects.toThrow('npm start');
});
