/** Finding pictures by a text, by a file and by another picture. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { House } from '../end-to-end/house.ts';
import { launchChromium } from './chromium.ts';
import { Visit } from './visit.ts';

let house: House;
let browser: Browser;
let castle: Buffer;
const prompts = [
  'a cat on a red background',
  'a Japanese castle on a blue background',
  'a rocket on a black background',
];
beforeAll(async () => {
  [house, browser] = await Promise.all([House.shipped(), launchChromium()]);
  const made = [];
  for (const prompt of prompts) made.push((await house.generate({ prompt, seed: 3, wait: 60_000 })).generation);
  castle = Buffer.from(await (await fetch(made[1].images[0].png)).arrayBuffer());
});
afterAll(async () => {
  await browser?.close();
  await house?.tearDown();
});

it('is empty at first, and says what can be looked for', async () => {
  const visit = await Visit.begin(browser, house.url, '/search');
  await visit.page.getByRole('heading', { name: 'What are you looking for?' }).waitFor();
  expect((await visit.figures()).shifts).toEqual([]);
  await visit.expectAccessible();
  await visit.end();
});

it.each(['light', 'dark'] as const)('finds by a text, and its address does so again (%s)', async colorScheme => {
  const visit = await Visit.begin(browser, house.url, '/search', { colorScheme });
  const { page } = visit;
  const first = page.getByRole('region', { name: 'Found' }).getByRole('link').first();
  await page.getByRole('searchbox').fill('a castle');
  await page.keyboard.press('Enter');
  await first.waitFor();
  expect(await first.getByRole('img').getAttribute('alt')).toBe(prompts[1]);
  await visit.picture(prompts[1]!);
  await visit.screenshot(`search-${colorScheme}`);
  await visit.expectAccessible();
  await page.getByRole('radio', { name: 'What was asked for' }).check();
  await page.waitForURL(/space=PROMPT/);
  await page.reload();
  await first.waitFor();
  expect(await page.getByRole('searchbox').inputValue()).toBe('a castle');
  expect(await page.getByRole('radio', { name: 'What was asked for' }).isChecked()).toBe(true);
  await visit.end();
});

it('finds by a file that is chosen', async () => {
  const visit = await Visit.begin(browser, house.url, '/search');
  const { page } = visit;
  await page
    .getByLabel('choose a picture')
    .setInputFiles({ name: 'castle.png', mimeType: 'image/png', buffer: castle });
  await page.getByText('Like castle.png').waitFor();
  const first = page.getByRole('region', { name: 'Found' }).getByRole('link').first();
  await first.waitFor();
  expect(await first.getByRole('img').getAttribute('alt')).toBe(prompts[1]);
  await page.getByRole('radio', { name: 'How it looks' }).check();
  await visit.picture(prompts[1]!);
  await visit.screenshot('search-file');
  await visit.expectAccessible();
  await visit.end();
});

it.each(['drop', 'paste'] as const)('finds by a file, by %s', async way => {
  const visit = await Visit.begin(browser, house.url, '/search');
  const { page } = visit;
  await page.getByRole('heading', { name: 'What are you looking for?' }).waitFor();
  await page.evaluate(
    ([way, base64]) => {
      const bytes = Uint8Array.from(atob(base64), char => char.charCodeAt(0));
      const data = new DataTransfer();
      data.items.add(new File([bytes], 'castle.png', { type: 'image/png' }));
      const event =
        way === 'drop'
          ? new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })
          : new ClipboardEvent('paste', { clipboardData: data, bubbles: true });
      document.querySelector('.drop')!.dispatchEvent(event);
    },
    [way, castle.toString('base64')] as const,
  );
  await page.getByText('Like castle.png').waitFor();
  await visit.picture(prompts[1]!);
  await visit.end();
});

it('says what is wrong with a file that is no picture', async () => {
  const visit = await Visit.begin(browser, house.url, '/search');
  const { page } = visit;
  const buffer = Buffer.from('not a picture');
  await page.getByLabel('choose a picture').setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer });
  await page.getByRole('alert').waitFor();
  await visit.screenshot('search-error');
  await visit.expectAccessible();
  await visit.end();
});

it('fits a phone', async () => {
  const visit = await Visit.begin(browser, house.url, '/search?text=a%20cat', { width: 390, height: 844 });
  await visit.picture(prompts[0]!);
  await visit.screenshot('search-phone');
  await visit.expectNoSidewaysScrolling();
  await visit.end();
});
