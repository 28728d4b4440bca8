/** The server goes away in the middle of things, and comes back. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { House } from '../end-to-end/house.ts';
import { launchChromium } from './chromium.ts';
import { Visit } from './visit.ts';

let house: House;
let browser: Browser;
beforeAll(async () => {
  [house, browser] = await Promise.all([House.shipped({ BACKEND_PATIENCE_SECONDS: '1' }), launchChromium()]);
});
afterAll(async () => {
  await browser?.close();
  await house?.tearDown();
});

it('keeps what was typed, and goes on by itself', async () => {
  const port = Number(new URL(house.url).port);
  const visit = await Visit.begin(browser, house.url, '/', { draft: { steps: 60 } });
  const { page } = visit;
  await visit.generate('a cat on a red background');
  await page.getByText(/^Step \d+ of 60/).waitFor();
  visit.serverMayGo();
  await house.edge.close();
  await page.getByText('The server does not answer').waitFor();
  await visit.prompt.fill('a dog on a blue background');
  await visit.screenshot('away');
  await visit.expectAccessible();
  await page.getByRole('button', { name: 'Generate' }).click();
  await page.getByText('Asking the server').waitFor();
  await house.startEdge(port);
  await page.getByText('The server does not answer').waitFor({ state: 'detached' });
  await visit.picture('a cat on a red background');
  await visit.picture('a dog on a blue background');
  expect(await visit.prompt.inputValue()).toBe('a dog on a blue background');
  await visit.end();
});

it('says why a picture failed, and offers to try again', async () => {
  await house.killBackend();
  const visit = await Visit.begin(browser, house.url, '/', { draft: { steps: 3 } });
  const { page } = visit;
  await visit.generate('a fox on a green background');
  const card = page.getByRole('article').filter({ hasText: 'a fox on a green background' });
  await card.getByText('Failed', { exact: true }).waitFor();
  await card.getByRole('link').click();
  await page.getByRole('alert').filter({ hasText: 'Trying again may well succeed' }).waitFor();
  await visit.screenshot('failed');
  await visit.expectAccessible();
  await page.getByRole('button', { name: 'Try again' }).click();
  expect(await visit.prompt.inputValue()).toBe('a fox on a green background');
  await visit.end();
});
