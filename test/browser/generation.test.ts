/** What one generation shows, and what can be done with it. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { House } from '../end-to-end/house.ts';
import { launchChromium } from './chromium.ts';
import { Visit } from './visit.ts';

let house: House;
let browser: Browser;
/** Where a generation of two pictures is shown. */
let path: string;
beforeAll(async () => {
  [house, browser] = await Promise.all([House.shipped(), launchChromium()]);
  const input = { prompt: 'a cat on a red background', seed: 7, steps: 20, count: 2, score: true, wait: 60_000 };
  path = `/g/${encodeURIComponent((await house.generate(input)).generation.id)}`;
});
afterAll(async () => {
  await browser?.close();
  await house?.tearDown();
});

it.each([
  ['light', 1280],
  ['dark', 1280],
  ['dark', 390],
] as const)('shows pictures and record (%s, %i px)', async (colorScheme, width) => {
  const visit = await Visit.begin(browser, house.url, path, { colorScheme, width });
  const { page } = visit;
  await visit.picture('a cat on a red background');
  await page.getByText('20, DDIM').waitFor();
  await page.getByRole('button', { name: 'Picture 2, seed 8' }).click();
  await page.getByText('8', { exact: true }).waitFor();
  await page.getByText('As code').click();
  await visit.screenshot(`generation-${colorScheme}-${width}`);
  await visit.expectAccessible();
  await visit.expectNoSidewaysScrolling();
  expect((await visit.figures()).shifts).toEqual([]);
  await visit.end();
});

it('is followed and stopped where it is shown', async () => {
  const { id } = (await house.generate({ prompt: 'a bird on a blue background', steps: 200 })).generation;
  const visit = await Visit.begin(browser, house.url, `/g/${encodeURIComponent(id)}`);
  const { page } = visit;
  await page.getByText(/^Step \d+ of 200/).waitFor();
  await visit.expectAccessible();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByText('Cancelled. What was ready before stays.').waitFor();
  await visit.end();
});

it('says which steps were those of a similar prompt', async () => {
  const input = { prompt: 'a dog on a red background', seed: 7, reuse: 'APPROXIMATE', wait: 60_000 };
  const { id } = (await house.generate(input)).generation;
  const visit = await Visit.begin(browser, house.url, `/g/${encodeURIComponent(id)}`);
  const { page } = visit;
  await page.getByText(/^\d+ of 20 steps, from .* \(prompts \d+ % alike\)$/).waitFor();
  await page.getByRole('link', { name: 'a similar picture' }).click();
  await page.getByRole('heading', { name: 'a cat on a red background' }).waitFor();
  await visit.end();
});

it('hands out files that are what they say', async () => {
  const visit = await Visit.begin(browser, house.url, path);
  const { page } = visit;
  await page.getByText('Download', { exact: true }).click();
  for (const [name, start] of [
    ['PNG, with its recipe inside', /^\x89PNG/],
    ['WebP', /^RIFF....WEBP/s],
    ['JPEG', /^\xff\xd8/],
    ['Latent (.safetensors)', /^.{8}\{"/s],
  ] as const) {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name, exact: true }).click(),
    ]);
    const pieces: Buffer[] = [];
    for await (const piece of await download.createReadStream()) pieces.push(piece as Buffer);
    expect(Buffer.concat(pieces).toString('latin1')).toMatch(start);
  }
  await visit.end();
});

it('gives the link and the code to those who share', async () => {
  const visit = await Visit.begin(browser, house.url, path);
  const { page } = visit;
  const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
  await page.getByRole('button', { name: 'Copy link' }).click();
  await page.getByText('Copied').waitFor();
  expect(await clipboard()).toBe(`${house.url}${path}`);
  await page.getByText('As code').click();
  await page.getByRole('tab', { name: 'TypeScript' }).focus();
  await page.keyboard.press('ArrowRight');
  await page.getByRole('button', { name: 'Copy', exact: true }).click();
  await expect.poll(clipboard).toMatch(/^curl -sS http/);
  await visit.end();
});

it('fills the form: again, with another seed, from the picture', async () => {
  const visit = await Visit.begin(browser, house.url, path);
  const { page } = visit;
  const seed = page.getByLabel('Seed');
  const back = async () => {
    await page.goBack();
    await page.getByRole('heading', { name: 'a cat on a red background' }).waitFor();
  };
  const before = (await house.ask('{ generations { totalCount } }')).data.generations.totalCount;
  await page.getByRole('button', { name: 'Use again' }).click();
  expect(await visit.prompt.inputValue()).toBe('a cat on a red background');
  expect(await seed.inputValue()).toBe('7');
  await back();
  await page.getByRole('button', { name: 'Vary: another seed' }).click();
  expect(await seed.inputValue()).toBe('');
  // It is made at once.
  await expect
    .poll(async () => (await house.ask('{ generations { totalCount } }')).data.generations.totalCount)
    .toBe(before + 1);
  await back();
  await page.getByRole('button', { name: 'Vary: start from it' }).click();
  await page.getByRole('img', { name: 'The start' }).waitFor();
  await page.getByLabel('How much is done anew', { exact: true }).fill('0.5');
  await visit.generate('a lion on a red background');
  await visit.picture('a lion on a red background');
  await page.getByRole('link', { name: 'a lion on a red background' }).click();
  await page.getByText('50 %').waitFor();
  await visit.end();
});

it('leads to what is like it', async () => {
  const visit = await Visit.begin(browser, house.url, path);
  const { page } = visit;
  await visit.picture('a cat on a red background');
  await page.getByRole('link', { name: 'More like this' }).click();
  await page.getByRole('region', { name: 'Found' }).waitFor();
  await page.getByText('Like a cat on a red background').waitFor();
  await visit.end();
});

it('is deleted only when that is meant', async () => {
  const input = { prompt: 'a fish on a white background', steps: 2, wait: 60_000 };
  const { id } = (await house.generate(input)).generation;
  const visit = await Visit.begin(browser, house.url, `/g/${encodeURIComponent(id)}`);
  const { page } = visit;
  const open = page.getByRole('button', { name: 'Delete' });
  await visit.picture('a fish on a white background');
  await open.click();
  await page.getByRole('dialog').waitFor();
  await visit.screenshot('delete');
  await visit.expectAccessible();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await open.click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('heading', { name: 'What should it show?' }).waitFor();
  expect((await house.ask(`{ generation(id: "${id}") { id } }`)).data.generation).toBeNull();
  await page.goto(`/g/${encodeURIComponent(id)}`);
  await page.getByRole('heading', { name: 'There is no such picture' }).waitFor();
  await visit.screenshot('no-such-picture');
  await visit.expectAccessible();
  await visit.end();
});

it('says where there is nothing', async () => {
  const visit = await Visit.begin(browser, house.url, '/search');
  await visit.page.evaluate(() => history.pushState(null, '', '/laboratory/nothing-of-the-kind'));
  await visit.page.evaluate(() => dispatchEvent(new PopStateEvent('popstate')));
  await visit.page.getByRole('heading', { name: 'There is nothing here' }).waitFor();
  await visit.expectAccessible();
  await visit.end();
});
