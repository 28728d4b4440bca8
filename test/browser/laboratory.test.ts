/** The laboratory and the map, as people use them. */
import type { Browser } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Darkroom } from '../../client/sdk/index.ts';
import { House } from '../end-to-end/house.ts';
import { launchChromium } from './chromium.ts';
import { Visit } from './visit.ts';

let house: House;
let browser: Browser;
beforeAll(async () => {
  [house, browser] = await Promise.all([House.shipped(), launchChromium()]);
  const darkroom = new Darkroom({ url: house.url });
  for (const prompt of [
    'a cat on a red background',
    'a rocket on a black background',
    'a tulip on a green background',
  ]) {
    await darkroom.generate({ prompt, seed: 7, steps: 4 });
  }
});
afterAll(async () => {
  await browser?.close();
  await house?.tearDown();
});

const cat = 'a cat on a red background';
const rocket = 'a rocket on a black background';

/** White noise: no picture is less like what the model has learned from. */
async function noise(): Promise<{ name: string; mimeType: string; buffer: Buffer }> {
  const values = Buffer.from(Array.from({ length: 160 * 120 * 3 }, () => Math.floor(256 * Math.random())));
  const buffer = await sharp(values, { raw: { width: 160, height: 120, channels: 3 } })
    .png()
    .toBuffer();
  return { name: 'noise.png', mimeType: 'image/png', buffer };
}

async function begin(path: string, options = {}): Promise<Visit> {
  const visit = await Visit.begin(browser, house.url, path, options);
  await visit.page.getByRole('heading', { level: 1 }).waitFor();
  return visit;
}

const choose = (visit: Visit, name: string, group: string) =>
  visit.page.getByRole('group', { name: group }).getByRole('button', { name }).last().click();

it('reconstructs a picture of the gallery, and tells an outlier that is uploaded', async () => {
  const visit = await begin('/laboratory');
  const { page } = visit;
  await choose(visit, cat, 'A picture to reconstruct');
  await page.getByRole('img', { name: 'Where the two differ' }).waitFor();
  await page.getByText('Not an outlier').waitFor();
  await visit.screenshot('reconstruct');
  await page.locator('input[type=file]').setInputFiles(await noise());
  await page.getByText('An outlier: ').waitFor();
  await visit.screenshot('outlier');
  await visit.expectAccessible();
  await visit.end();
});

it('says what is wrong with a file that is no picture', async () => {
  const visit = await begin('/laboratory/judge');
  const file = { name: 'notes.png', mimeType: 'image/png', buffer: Buffer.from('not a picture') };
  await visit.page.locator('input[type=file]').setInputFiles(file);
  await visit.page
    .getByRole('alert')
    .getByText(/PNG, JPEG or WebP/)
    .first()
    .waitFor();
  await visit.expectAccessible();
  await visit.end();
});

it('compresses a picture beside a JPEG of at most the same size', async () => {
  const visit = await begin('/laboratory/compress');
  const { page } = visit;
  await choose(visit, rocket, 'A picture to make small');
  const names = page.locator('.compare-names');
  await names.waitFor();
  const [own, jpeg] = (await names.innerText()).match(/\d+(?=\.?\d* k?B)/g)!.map(Number) as [number, number];
  expect(own).toBeGreaterThan(100);
  expect(jpeg).toBeGreaterThan(0);
  await page.getByRole('slider', { name: /dklat/ }).fill('20');
  await visit.screenshot('compress');
  await visit.expectAccessible();
  const before = await page.locator('.figures tbody tr').first().innerText();
  await page.getByRole('spinbutton', { name: 'Bits for each number' }).fill('2');
  await expect.poll(() => page.locator('.figures tbody tr').first().innerText(), { timeout: 20_000 }).not.toBe(before);
  await visit.end();
});

it('interpolates between two pictures, decoded in the page while one drags', async () => {
  const visit = await begin('/laboratory/interpolate');
  const { page } = visit;
  await choose(visit, cat, 'From');
  await choose(visit, rocket, 'To');
  const canvas = page.getByRole('img', { name: /% of the way/ });
  await page.getByText('Decoded in this page').waitFor({ timeout: 120_000 });
  const pixels = () => canvas.evaluate(element => (element as HTMLCanvasElement).toDataURL());
  const middle = await pixels();
  await visit.screenshot('interpolate');
  await visit.expectAccessible();
  const slider = page.getByRole('slider', { name: 'Drag from the one to the other' });
  await slider.scrollIntoViewIfNeeded();
  const box = (await slider.boundingBox())!;
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  for (let step = 1; step <= 20; step++) {
    await page.mouse.move(box.x + box.width * (0.5 + step / 40), box.y + box.height / 2);
  }
  await page.mouse.up();
  await expect.poll(() => canvas.getAttribute('data-shown'), { timeout: 60_000 }).toBe('1');
  expect(await pixels()).not.toBe(middle);
  // At its end lies the rocket, as the server has drawn it.
  const { generations } = (await house.ask('{ generations { edges { node { prompt images { url } } } } }')).data;
  const { node } = generations.edges.find((edge: { node: { prompt: string } }) => edge.node.prompt === rocket);
  const expected = await sharp(await (await fetch(node.images[0].url)).arrayBuffer())
    .removeAlpha()
    .raw()
    .toBuffer();
  const shown = Buffer.from((await pixels()).split(',')[1]!, 'base64');
  const found = await sharp(shown).removeAlpha().raw().toBuffer();
  const off = found.map((value, i) => Math.abs(value - expected[i]!));
  expect(Math.max(...off)).toBeLessThanOrEqual(1);
  await visit.end();
});

it('draws a contact sheet, and shows how far it is', async () => {
  const visit = await begin('/laboratory/sheet');
  const { page } = visit;
  await page.getByLabel('Prompt').fill(cat);
  await page.getByRole('textbox', { name: /Columns/ }).fill('2, 3');
  await page.getByRole('textbox', { name: /Rows/ }).fill('1, 2');
  await page.getByRole('button', { name: 'Draw the sheet' }).click();
  await page.getByRole('img', { name: `Contact sheet: ${cat}` }).waitFor();
  await visit.screenshot('sheet');
  await visit.expectAccessible();
  // Loaded again, it is there again.
  await page.reload();
  await page.getByRole('img', { name: /^Contact sheet/ }).waitFor();
  await page.getByText('Its generations').click();
  expect(await page.locator('.cells a').count()).toBe(4);
  await page.getByRole('textbox', { name: /Columns/ }).fill('two');
  await page.getByRole('button', { name: 'Draw the sheet' }).click();
  await page.getByRole('alert').getByText(/two/).first().waitFor();
  await visit.end();
});

it('shows three kinds of chance, and others when asked again', async () => {
  const visit = await begin('/laboratory/chance');
  const { page } = visit;
  const shown = page.locator('.exhibit img');
  expect(await shown.count()).toBe(0);
  await page.getByRole('button', { name: 'Draw' }).click();
  await expect.poll(() => shown.count(), { timeout: 20_000 }).toBe(3);
  await visit.screenshot('chance');
  await visit.expectAccessible();
  const before = await shown.first().getAttribute('src');
  await page.getByRole('button', { name: 'Draw again' }).click();
  await expect.poll(() => shown.first().getAttribute('src')).not.toBe(before);
  await visit.end();
});

it('judges a picture', async () => {
  const visit = await begin('/laboratory/judge');
  await choose(visit, cat, 'A picture to be judged');
  await visit.page.getByRole('heading', { name: 'What does it show?' }).waitFor();
  await visit.page.getByRole('meter', { name: /cat/ }).first().waitFor();
  await visit.screenshot('judge');
  await visit.expectAccessible();
  await visit.end();
});

describe('the map', () => {
  it.each(['light', 'dark'] as const)('shows every picture where its encoding lies (%s)', async colorScheme => {
    const visit = await begin('/map', { colorScheme });
    const { page } = visit;
    const pictures = page.getByRole('list', { name: 'Pictures at their places' }).getByRole('link');
    await expect.poll(() => pictures.count(), { timeout: 20_000 }).toBeGreaterThanOrEqual(3);
    await visit.screenshot(`map-${colorScheme}`);
    await visit.expectAccessible();
    await page.getByRole('tab', { name: 'How it looks' }).click();
    await expect.poll(() => pictures.count()).toBeGreaterThanOrEqual(3);
    await visit.end();
  });
});

it.each(['/laboratory', '/laboratory/interpolate', '/laboratory/sheet', '/map'])('%s fits on a phone', async path => {
  const visit = await begin(path, { width: 390, height: 844 });
  await visit.page.waitForTimeout(300);
  await visit.expectNoSidewaysScrolling();
  await visit.screenshot(`phone${path.replaceAll('/', '-')}`);
  await visit.expectAccessible();
  await visit.end();
});
