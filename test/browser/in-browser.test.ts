/** Decoding and developing in a real browser, held against the server's own pictures. */
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytesOff, rgbOf } from '../../client/sdk/testing/bytes-off.ts';
import { House } from '../end-to-end/house.ts';
import { shippedFolder } from '../models/shipped-folder.ts';
import { ComputingPage } from './in-browser/computing-page.ts';
import type { Sent } from './in-browser/orders.ts';

const prompt = 'a cat on a red background';
const seed = 7;
let page: ComputingPage;
let house: House;
let image: { readonly png: string; readonly latent: { readonly key: string } };
let served: Uint8Array;
beforeAll(async () => {
  page = await ComputingPage.open();
  house = await House.build({ CORS_ORIGINS: page.origin }, true, [await shippedFolder()]);
  const { generation } = await house.generate({ prompt, seed, wait: 60_000 });
  [image] = generation.images;
  const png = await (await fetch(image.png)).arrayBuffer();
  served = new Uint8Array(await sharp(png).removeAlpha().raw().toBuffer());
  await page.visit(house.url);
});
afterAll(async () => {
  await page?.close();
  await house?.tearDown();
});

function expectSame({ width, height, data }: Sent): void {
  expect([width, height]).toEqual([128, 128]);
  const { most, share } = bytesOff(rgbOf({ data: Uint8ClampedArray.from(data) }), served);
  expect(most).toBeLessThanOrEqual(1);
  expect(share).toBeLessThan(0.01);
}

describe('a page of another origin, under a strict policy', () => {
  it('decodes a latent to the picture that the server makes of it', async () => {
    const { provider, isolated, progress } = await page.order('decoder', { url: house.url });
    expect([provider, isolated]).toEqual(['wasm', true]);
    expect(progress.at(-1)).toBe(1);
    const { picture } = await page.order('decode', { latentKey: image.latent.key, times: 1 });
    expectSame(picture);
  });

  it('develops the picture that the server makes', async () => {
    const { progress } = await page.order('developer', { url: house.url });
    expect(progress.at(-1)).toBe(1);
    const { picture, steps, previews } = await page.order('develop', { prompt, seed });
    expect([steps, previews]).toEqual([20, 18]);
    expectSame(picture);
  });

  it('does so with nobody there, from what the browser has kept', async () => {
    const { url } = house;
    await house.edge.close();
    await page.visit(url);
    expect((await page.order('developer', { url })).progress.at(-1)).toBe(1);
    const { picture } = await page.order('develop', { prompt, seed });
    expectSame(picture);
    await house.startEdge();
  });

  it('was refused nothing', () => {
    expect(page.faults.filter(fault => !/net::ERR_CONNECTION_REFUSED/.test(fault))).toEqual([]);
  });
});
