/** From a prompt to its picture, as people go: by mouse, by keyboard, on a phone, by day and by night. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { edgeBuild } from '../../scripts/build.ts';
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

/** Where the picture does not matter. */
const quick = { draft: { steps: 3 } };
const slow = { draft: { steps: 150 } };

it('is less than 60 kB of JavaScript before anything else is asked for', async () => {
  const page = await readFile(join(edgeBuild.assets, 'studio.html'), 'utf8');
  const names = (await readdir(edgeBuild.assets)).filter(name => name.endsWith('.js') && page.includes(name));
  expect(names.length).toBeGreaterThan(0);
  let bytes = 0;
  for (const name of names) bytes += gzipSync(await readFile(join(edgeBuild.assets, name))).byteLength;
  expect(bytes).toBeLessThan(60_000);
});

describe('a new studio', () => {
  it.each(['light', 'dark'] as const)('says what to do, is soon there, stays in place (%s)', async colorScheme => {
    const visit = await Visit.begin(browser, house.url, '/', { colorScheme });
    await visit.page.getByRole('heading', { name: 'Nothing developed yet' }).waitFor();
    await visit.page.getByText('20 steps').waitFor();
    await visit.screenshot(`empty-${colorScheme}`);
    const { firstPaintMs, shifts } = await visit.figures();
    expect(firstPaintMs).toBeLessThan(1000);
    expect(shifts).toEqual([]);
    expect(await visit.page.evaluate(() => crossOriginIsolated)).toBe(true);
    await visit.expectAccessible();
    await visit.end();
  });

  it('has an example to begin with', async () => {
    const visit = await Visit.begin(browser, house.url);
    await visit.page.getByRole('button', { name: 'a cat on a red background' }).click();
    expect(await visit.prompt.inputValue()).toBe('a cat on a red background');
    await visit.end();
  });
});

it('shows how far a picture is, then the picture, and both again after a reload', async () => {
  const visit = await Visit.begin(browser, house.url, '/', { draft: { steps: 60 } });
  const { page } = visit;
  await visit.generate('a cat on a red background');
  const progress = page.getByRole('progressbar', { name: 'Progress of a cat on a red background' });
  await page.getByText(/^Step \d+ of 60/).waitFor();
  await page.locator('img.rough').waitFor();
  await visit.screenshot('running');
  await visit.expectAccessible();
  await page.reload();
  await progress.waitFor();
  expect(await visit.prompt.inputValue()).toBe('a cat on a red background');
  await visit.picture('a cat on a red background');
  await progress.waitFor({ state: 'detached' });
  await page.reload();
  await visit.picture('a cat on a red background');
  expect((await visit.figures()).shifts).toEqual([]);
  await visit.end();
});

it('says aloud what becomes of a picture', async () => {
  const visit = await Visit.begin(browser, house.url, '/', quick);
  await visit.generate('a dog on a blue background');
  await visit.page.getByText('Ready: a dog on a blue background').waitFor({ state: 'attached' });
  await visit.end();
});

it('makes several at once, and cancels', async () => {
  const visit = await Visit.begin(browser, house.url, '/', slow);
  const { page } = visit;
  for (const thing of ['star', 'moon', 'sun']) await visit.generate(`a ${thing} on a black background`);
  const running = page.getByRole('button', { name: /^Cancel: a / });
  await expect.poll(() => running.count()).toBe(3);
  await visit.screenshot('several');
  for (let left = 3; left > 0; left--) {
    await running.last().click();
    await expect.poll(() => running.count()).toBe(left - 1);
  }
  expect(await page.getByText('Cancelled', { exact: true }).count()).toBe(3);
  await visit.expectAccessible();
  await visit.end();
});

it('goes from load to picture by keyboard alone', async () => {
  const visit = await Visit.begin(browser, house.url, '/', quick);
  const { page } = visit;
  const focused = () => page.evaluate(() => document.activeElement?.textContent || document.activeElement?.ariaLabel);
  await page.keyboard.press('Tab');
  expect(await focused()).toMatch(/Skip to the content/);
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.keyboard.type('a japanese ca');
  await page.getByRole('option', { name: 'Japanese castle' }).waitFor();
  await visit.screenshot('suggestions');
  await visit.expectAccessible();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Tab');
  expect(await visit.prompt.inputValue()).toBe('a Japanese castle');
  await page.keyboard.type(' on a bl');
  await page.getByRole('listbox').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('listbox').waitFor({ state: 'detached' });
  await page.keyboard.type('ue background');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.press('Backspace');
  await page.keyboard.press('Enter');
  await visit.picture('a Japanese castle on a blue background');
  const link = page.getByRole('link', { name: 'a Japanese castle on a blue background' });
  for (let presses = 0; presses < 20; presses++) {
    if (await link.evaluate(element => element === document.activeElement)) break;
    await page.keyboard.press('Tab');
  }
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'a Japanese castle on a blue background' }).waitFor();
  await visit.end();
});

it('marks words that the checkpoint does not know, and offers others', async () => {
  const visit = await Visit.begin(browser, house.url, '/', quick);
  const { page } = visit;
  await visit.prompt.fill('a kat on a red background');
  const offer = page.getByRole('button', { name: 'cat', exact: true });
  await offer.waitFor();
  await page.locator('mark', { hasText: 'kat' }).waitFor({ state: 'attached' });
  await visit.screenshot('unknown-word');
  await visit.expectAccessible();
  await offer.click();
  expect(await visit.prompt.inputValue()).toBe('a cat on a red background');
  await page.getByText('is not something this checkpoint was taught').waitFor({ state: 'detached' });
  await visit.prompt.fill('a cat '.repeat(60));
  await page.getByText('longer than the model reads').waitFor();
  await visit.end();
});

it('says in place what was wrong, and keeps what was typed', async () => {
  const visit = await Visit.begin(browser, house.url, '/', { draft: { width: 130 } });
  const { page } = visit;
  await page.getByRole('button', { name: 'Generate' }).click();
  await page.getByText('Say what the picture is to show').waitFor();
  await visit.generate('a cat on a red background');
  await page.getByRole('alert').filter({ hasText: 'multiple of' }).waitFor();
  await visit.screenshot('error');
  await visit.expectAccessible();
  expect(await visit.prompt.inputValue()).toBe('a cat on a red background');
  await visit.end();
});

it.each(['light', 'dark'] as const)('has all settings, folded away (%s)', async colorScheme => {
  const visit = await Visit.begin(browser, house.url, '/', { colorScheme, height: 1200 });
  const { page } = visit;
  await page.getByText('Settings').click();
  await page.getByLabel('Seed').fill('7');
  await page.getByLabel('Steps', { exact: true }).fill('3');
  await page.getByLabel('Scheduler').selectOption('EULER');
  await visit.screenshot(`settings-${colorScheme}`);
  await visit.expectAccessible();
  await visit.generate('a ship on a white background');
  await visit.picture('a ship on a white background');
  const { nodes } = (
    await house.ask('{ generations(first: 1) { nodes: edges { node { parameters { seed steps scheduler } } } } }')
  ).data.generations;
  expect(nodes[0].node.parameters).toEqual({ seed: 7, steps: 3, scheduler: 'EULER' });
  await page.getByRole('button', { name: 'Random' }).click();
  expect(await page.getByLabel('Seed').inputValue()).toBe('');
  await visit.end();
});

it('shows more of the gallery as one scrolls', async () => {
  // All alike: only the first has to be made.
  const input = { prompt: 'a ball', steps: 1, seed: 1, wait: 60_000 };
  for (let i = 0; i < 22; i++) await house.generate(input);
  // Low enough that the next page is not in sight.
  const visit = await Visit.begin(browser, house.url, '/', { height: 480 });
  const { page } = visit;
  const pictures = page.getByRole('region', { name: 'Gallery' }).getByRole('link');
  await pictures.first().waitFor();
  expect(await pictures.count()).toBe(20);
  await page.getByRole('button', { name: 'Show more' }).scrollIntoViewIfNeeded();
  await expect.poll(() => pictures.count()).toBeGreaterThanOrEqual(22);
  await page.getByRole('button', { name: 'Show more' }).waitFor({ state: 'detached' });
  await visit.end();
});

it.each(['light', 'dark'] as const)('fits a phone (%s)', async colorScheme => {
  const visit = await Visit.begin(browser, house.url, '/', { colorScheme, width: 390, height: 844 });
  await visit.picture('a ball');
  await visit.screenshot(`phone-${colorScheme}`);
  await visit.expectNoSidewaysScrolling();
  await visit.page.getByText('Settings').click();
  await visit.expectNoSidewaysScrolling();
  await visit.expectAccessible();
  await visit.end();
});
