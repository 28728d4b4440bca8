/** From a prompt to its picture, as people go: by mouse, by keyboard, on a phone, by day and by night. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

describe('a new studio', () => {
  it.each(['light', 'dark'] as const)('is empty, says what to do, and is accessible (%s)', async colorScheme => {
    const visit = await Visit.begin(browser, house.url, '/', { colorScheme });
    await visit.page.getByRole('heading', { name: 'Nothing developed yet' }).waitFor();
    await visit.screenshot(`empty-${colorScheme}`);
    await visit.expectAccessible();
    expect(await visit.page.evaluate(() => crossOriginIsolated)).toBe(true);
    const { firstPaintMs, shifts } = await visit.figures();
    expect(firstPaintMs).toBeLessThan(1000);
    expect(shifts).toEqual([]);
    await visit.end();
  });
});

it('makes a picture from a prompt, and shows how far it is', async () => {
  const visit = await Visit.begin(browser, house.url);
  const { page } = visit;
  await page.getByRole('textbox', { name: 'Prompt' }).fill('a cat on a red background');
  await page.getByRole('button', { name: 'Generate' }).click();
  await page.getByRole('progressbar', { name: 'Progress of a cat on a red background' }).waitFor();
  await visit.screenshot('running');
  await page.getByRole('img', { name: 'a cat on a red background' }).waitFor();
  await page.getByRole('progressbar').waitFor({ state: 'detached' });
  await visit.screenshot('gallery');
  await visit.expectAccessible();
  await visit.end();
});
