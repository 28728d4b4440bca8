import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { decodePng, readPngFile } from '../../worker/images/png-file.ts';
import { darkroomPictures } from '../parity/darkroom-pictures.ts';
import { ownSettings } from '../parity/settings.ts';
import { makePictures, makeReconstructions, timePictures } from './pictures.ts';

const shipped = fileURLToPath(new URL('../../models/shipped', import.meta.url));
const settings = { ...(await ownSettings(shipped))!, start: null, steps: 2 };
const folder = mkdtempSync(join(tmpdir(), 'darkroom-evaluate-'));
afterAll(() => rmSync(folder, { recursive: true }));

const pixelsOf = (name: string) => decodePng(readPngFile(readFileSync(join(folder, name)))).data;

it('makes the pictures that are asked for, and none of them twice', async () => {
  const asked = [
    { prompt: 'a cat', seed: 4_000_001 },
    { prompt: 'a cat', seed: 4_000_002 },
  ];
  const [first] = await makePictures(settings, asked.slice(0, 1), folder);
  const made = statSync(join(folder, first!));
  const names = await makePictures(settings, asked, folder);
  expect(names[0]).toBe(first);
  expect(statSync(join(folder, first!)).mtimeMs).toBe(made.mtimeMs);
  expect(names[1]).not.toBe(first);

  let at = 0;
  for await (const pixels of darkroomPictures(
    settings,
    asked.map(each => ({ ...each, negativePrompt: '' })),
  )) {
    expect(Buffer.from(pixelsOf(names[at++]!)).equals(pixels)).toBe(true);
  }
  expect(at).toBe(2);

  const [other] = await makePictures({ ...settings, guidanceScale: 1 }, asked.slice(0, 1), folder);
  expect(other).not.toBe(first);
});

it('shows what the autoencoder makes of pictures', async () => {
  const side = 128;
  const data = new Uint8Array(2 * side * side * 3).fill(255, side * side * 3);
  const names = await makeReconstructions(settings, { data, dims: [2, side, side, 3] }, folder);
  for (const [i, shade] of [0, 255].entries()) {
    const pixels = pixelsOf(names[i]!);
    expect(pixels.length).toBe(side * side * 3);
    expect(pixels.reduce((sum, byte) => sum + Math.abs(byte - shade), 0) / pixels.length).toBeLessThan(8);
  }
});

it('times all pictures but the first', async () => {
  const seconds = await timePictures(
    settings,
    [1, 2, 3].map(seed => ({ prompt: 'a cat', seed })),
  );
  expect(seconds).toHaveLength(2);
  expect(Math.min(...seconds)).toBeGreaterThan(0);
});
