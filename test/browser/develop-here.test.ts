/** Pictures that the page makes by itself. */
import type { Browser } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Darkroom } from '../../client/sdk/index.ts';
import { House } from '../end-to-end/house.ts';
import { launchChromium } from './chromium.ts';
import { Visit } from './visit.ts';

let house: House;
let browser: Browser;
beforeAll(async () => {
  [house, browser] = await Promise.all([House.shipped(), launchChromium()]);
});
afterAll(async () => {
  await browser?.close();
  await house?.tearDown();
});

const prompt = 'a cat on a red background';
/** Threads of WebAssembly wait for each other: where others compute too, a step may take ten times as long. */
const patient = { timeout: 120_000 };

async function begin(): Promise<Visit> {
  const visit = await Visit.begin(browser, house.url);
  const { page } = visit;
  await page.getByText('Settings', { exact: true }).click();
  await page.getByRole('checkbox', { name: 'Develop here' }).check();
  await page.getByRole('textbox', { name: 'Prompt' }).fill(prompt);
  return visit;
}

it('are those of the server, and need no backend', async () => {
  const generation = await new Darkroom({ url: house.url }).generate({ prompt, seed: 7, steps: 6 });
  const expected = await sharp(await (await fetch(generation.images[0]!.url)).arrayBuffer())
    .removeAlpha()
    .raw()
    .toBuffer();
  const visit = await begin();
  const { page } = visit;
  await page.getByRole('spinbutton', { name: 'Steps' }).fill('6');
  await page.getByLabel('Seed', { exact: true }).fill('7');
  await page.getByRole('button', { name: 'Generate' }).click();
  await page.getByText('6 steps here in').waitFor(patient);
  await visit.screenshot('here');
  await visit.expectAccessible();
  const shown = await page
    .getByRole('region', { name: 'Made in this page' })
    .getByRole('img', { name: prompt })
    .evaluate(canvas => (canvas as HTMLCanvasElement).toDataURL());
  const found = await sharp(Buffer.from(shown.split(',')[1]!, 'base64'))
    .removeAlpha()
    .raw()
    .toBuffer();
  const off = found.map((value, i) => Math.abs(value - expected[i]!));
  expect(Math.max(...off)).toBeLessThanOrEqual(2);
  expect(off.filter(value => value > 0).length / off.length).toBeLessThan(0.02);

  // The model is in the page now: a picture is made with nobody there.
  await house.killBackend();
  await page.getByLabel('Seed', { exact: true }).fill('8');
  await page.getByRole('button', { name: 'Generate' }).click();
  await expect.poll(() => page.getByText('6 steps here in').count(), patient).toBe(2);
  await house.startBackend();
  await visit.end();
});

it('are stopped when nobody wants them any more', async () => {
  const visit = await begin();
  const { page } = visit;
  await page.getByRole('spinbutton', { name: 'Steps' }).fill('1000');
  await page.getByRole('button', { name: 'Generate' }).click();
  await page.getByText(/Step \d+ of 1000/).waitFor(patient);
  await page.getByRole('button', { name: `Cancel: ${prompt}, here` }).click();
  await page.getByRole('region', { name: 'Made in this page' }).waitFor({ state: 'detached' });
  // The page computes no more of it: else this one would have to wait for a thousand steps.
  await page.getByRole('spinbutton', { name: 'Steps' }).fill('2');
  await page.getByRole('button', { name: 'Generate' }).click();
  await page.getByText('2 steps here in').waitFor(patient);
  await visit.end();
});
