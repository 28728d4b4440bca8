/** Takes the README's pictures of the studio: see `--help`. */
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { buildEdge } from '../../scripts/build.ts';
import { Progress } from '../../scripts/progress.ts';
import { House } from '../end-to-end/house.ts';
import { launchChromium } from './chromium.ts';

const folder = join(import.meta.dirname, '../../docs/pictures');
const help = `npm run docs:screenshots [-- --out FOLDER]

Starts a Darkroom with an empty gallery, has it make a few pictures, and takes the README's pictures of the studio.

  --out FOLDER  default docs/pictures`;

/** Newest last. */
const prompts = [
  ['a ghost on a purple background', 2],
  ['a strawberry on a white background', 4],
  ['a parrot on a yellow background', 1],
  ['a mushroom on a green background', 3],
  ['a rocket on a black background', 3],
  ['a Japanese castle on a blue background', 1],
  ['a dog on a blue background', 6],
  ['a cat on a red background', 7],
] as const;

const schemes = ['light', 'dark'] as const;
type Scheme = (typeof schemes)[number];
const scale = 2;
const mostBytes = 150_000;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { help: { type: 'boolean', short: 'h' }, out: { type: 'string', default: folder } },
  });
  if (values.help) {
    console.log(help);
    return;
  }
  const out = resolve(values.out);
  await mkdir(out, { recursive: true });
  await buildEdge();
  const [house, browser] = await Promise.all([House.shipped(), launchChromium()]);
  try {
    const ids = await makePictures(house);
    for (const scheme of schemes) {
      await take(browser, house, { scheme, path: '/', name: `studio-${scheme}`, out }, running);
      await deleteNewest(house);
      const path = `/g/${encodeURIComponent(ids.at(-1)!)}`;
      await take(browser, house, { scheme, path, name: `studio-picture-${scheme}`, out }, drawn);
      await take(browser, house, { scheme, path: '/search?text=a+puppy', name: `studio-search-${scheme}`, out }, drawn);
      await take(browser, house, { scheme, path: '/map', name: `studio-map-${scheme}`, out }, mapped);
      const bench = '/laboratory/interpolate';
      await take(browser, house, { scheme, path: bench, name: `studio-laboratory-${scheme}`, out }, interpolated);
    }
  } finally {
    await browser.close();
    await house.tearDown();
  }
}

async function makePictures(house: House): Promise<string[]> {
  const progress = new Progress('pictures', prompts.length);
  const ids: string[] = [];
  for (const [prompt, seed] of prompts) {
    const { generation } = await house.generate({ prompt, seed, wait: 60_000 });
    ids.push(generation.id);
    progress.step();
  }
  return ids;
}

/** What still runs is not to be in the next picture. */
async function deleteNewest(house: House): Promise<void> {
  const { data } = await house.ask('{ generations(first: 1) { edges { node { id } } } }');
  const mutation = 'mutation ($id: ID!) { deleteGeneration(id: $id) { __typename } }';
  await house.ask(mutation, data.generations.edges[0].node);
}

interface Shot {
  readonly scheme: Scheme;
  readonly path: string;
  readonly name: string;
  readonly out: string;
}

/** @param ready what has to be done and waited for first */
async function take(browser: Browser, house: House, shot: Shot, ready: (page: Page) => Promise<void>): Promise<void> {
  const { scheme, path, name, out } = shot;
  const context = await browser.newContext({
    baseURL: house.url,
    colorScheme: scheme,
    viewport: { width: 1280, height: 780 },
    deviceScaleFactor: scale,
  });
  const page = await context.newPage();
  await page.goto(path);
  await ready(page);
  const file = join(out, `${name}.webp`);
  await writeFile(
    file,
    await sharp(await page.screenshot())
      .webp({ quality: 82 })
      .toBuffer(),
  );
  const { size } = await stat(file);
  console.log(`${file}: ${Math.round(size / 1000)} kB`);
  if (size > mostBytes) throw new Error(`${file} is larger than ${mostBytes / 1000} kB`);
  await context.close();
}

async function drawn(page: Page): Promise<void> {
  await page.locator('.picture img').first().waitFor();
  await loaded(page);
}

async function loaded(page: Page): Promise<void> {
  await page.waitForFunction(() => [...document.images].every(image => image.complete && image.naturalWidth > 0));
}

async function mapped(page: Page): Promise<void> {
  await page.locator('.map-plane img').first().waitFor();
  await loaded(page);
}

/** Half of the way from a cat to a dog. */
async function interpolated(page: Page): Promise<void> {
  for (const [group, name] of [
    ['From', 'a cat on a red background'],
    ['To', 'a dog on a blue background'],
  ] as const) {
    await page.getByRole('group', { name: group }).getByRole('button', { name }).click();
  }
  await page.getByText('Decoded in this page').waitFor({ timeout: 60_000 });
  await page.getByRole('slider').press('ArrowRight');
  await page.getByText('Decoded in this page in').waitFor();
  await page.getByRole('img', { name: /of the way/ }).scrollIntoViewIfNeeded();
  await loaded(page);
}

/** The gallery while the next one is on its way. */
async function running(page: Page): Promise<void> {
  await drawn(page);
  await page.getByText('Settings').click();
  await page.getByLabel('Steps', { exact: true }).fill('80');
  await page.getByText('Settings').click();
  await page.getByRole('textbox', { name: 'Prompt' }).fill('a lion on an orange background');
  await page.keyboard.press('Enter');
  await page.getByText(/^Step [567]\d of 80/).waitFor();
  await drawn(page);
}

try {
  await main();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
