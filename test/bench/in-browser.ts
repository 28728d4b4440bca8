/** What a browser takes to decode latents and to make whole pictures, beside the server: see `--help`. */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { bytesOff, rgbOf } from '../../client/sdk/testing/bytes-off.ts';
import { DarkroomApi } from '../../scripts/darkroom-api.ts';
import { ComputingPage } from '../browser/in-browser/computing-page.ts';
import type { Sent } from '../browser/in-browser/orders.ts';
import { DarkroomProcess } from './darkroom-process.ts';

const help = `npm run bench:browser -- [--rounds N] [--threads N]

Starts Darkroom in a folder of its own and a page in Chromium, isolated from other origins, that computes in a Web Worker
on WASM with N threads (default: as many as it takes by itself). Prints what it takes, warm, to decode one latent of 128 x 128
pixels and points of the way between two, over N rounds (default: 30); and what a whole picture takes there and at the server, of
three each in turns, nothing used again; and how many bytes of the pictures differ. The exit code is 1 when a figure misses what
is asked of it.`;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '30' },
    threads: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (values.help) {
  console.log(help);
  process.exit(0);
}
const rounds = Number(values.rounds);
const threads = values.threads === undefined ? undefined : Number(values.threads);
if (![rounds, threads ?? 1].every(number => Number.isInteger(number) && number > 0)) {
  console.error(`--rounds and --threads: expected whole numbers from 1 on.\n\n${help}`);
  process.exit(2);
}

const prompts = ['a cat on a red background', 'a castle on a blue background', 'a rocket on a green background'];
const selection = '... on GenerateSuccess { generation { status images { url latent { key } } } }';
const quantile = (numbers: readonly number[], q: number) =>
  numbers.toSorted((a, b) => a - b)[Math.min(numbers.length - 1, Math.floor(q * numbers.length))]!;
const seconds = (numbers: readonly number[]) => `${(quantile(numbers, 0.5) / 1000).toFixed(2)} s`;

const page = await ComputingPage.open();
const darkroom = await DarkroomProcess.start({ CORS_ORIGINS: page.origin });
try {
  const { url } = await darkroom.ready();
  const api = new DarkroomApi(url);
  await page.visit(url);

  /** A picture of the server, its latent's key, and how long it took. */
  const served = async (prompt: string, seed: number) => {
    const began = performance.now();
    const { generation } = await api.mutate('generate', { prompt, seed, reuse: 'NONE', wait: 60_000 }, selection);
    const ms = performance.now() - began;
    const [image] = generation.images;
    const png = await api.file(image.url);
    return {
      ms,
      key: image.latent.key as string,
      rgb: new Uint8Array(await sharp(png).removeAlpha().raw().toBuffer()),
    };
  };
  const off = ({ data }: Sent, rgb: Uint8Array) => bytesOff(rgbOf({ data: Uint8ClampedArray.from(data) }), rgb);

  const opened = await page.order('developer', { url, ...(threads && { threads }) });
  await served('a dog', 1);
  await page.order('develop', { prompt: 'a dog', seed: 1, steps: 2 });
  const made: Awaited<ReturnType<typeof served>>[] = [];
  const developed: { readonly ms: number; readonly most: number; readonly share: number }[] = [];
  for (const [i, prompt] of prompts.entries()) {
    const theirs = await served(prompt, i);
    const { ms, picture } = await page.order('develop', { prompt, seed: i });
    made.push(theirs);
    developed.push({ ms, ...off(picture, theirs.rgb) });
  }

  await page.visit(url);
  const decoder = await page.order('decoder', { url, ...(threads && { threads }) });
  const [first, second] = made as [(typeof made)[0], (typeof made)[0]];
  await page.order('decode', { latentKey: first.key, times: 3 });
  const { ms: decodes, picture } = await page.order('decode', { latentKey: first.key, times: rounds });
  const decoded = off(picture, first.rgb);
  const { ms: dragged } = await page.order('interpolate', { fromKey: first.key, toKey: second.key, count: rounds });

  const decodeMs = quantile(decodes, 0.5);
  const perSecond = (1000 * rounds) / dragged;
  const most = (pictures: readonly { readonly most: number; readonly share: number }[]) => {
    const share = Math.max(...pictures.map(each => each.share));
    return `${(100 * share).toFixed(3)} % by ${Math.max(...pictures.map(each => each.most))}`;
  };
  const rows: [what: string, figure: string, asked: string, missed?: boolean][] = [
    ['decode one latent, median', `${decodeMs.toFixed(0)} ms`, 'under 300 ms', decodeMs >= 300],
    [
      '  from the 10th to the 90th of 100',
      `${[0.1, 0.9].map(q => quantile(decodes, q).toFixed(0)).join(' to ')} ms`,
      '',
    ],
    ['interpolate, pictures a second', perSecond.toFixed(1), '5 or more', perSecond < 5],
    ['a picture of 20 steps, in the page', seconds(developed.map(({ ms }) => ms)), ''],
    ['  at the server, asked and answered', seconds(made.map(({ ms }) => ms)), ''],
    ['open the decoder, files kept', `${(decoder.ms / 1000).toFixed(2)} s`, ''],
    ['open the developer, files fetched', `${(opened.ms / 1000).toFixed(2)} s`, ''],
    ['bytes off, decoded', most([decoded]), 'at most by 1', decoded.most > 1],
    ['bytes off, developed', most(developed), 'at most by 1', developed.some(each => each.most > 1)],
  ];
  const cores = cpus();
  console.log(
    `Chromium, ${decoder.provider}, ${threads ?? cores.length} threads; ${cores.length} x ${cores[0]?.model}\n`,
  );
  for (const [what, figure, asked, missed] of rows) {
    console.log(`${what.padEnd(40)}${figure.padStart(18)}   ${asked}${missed ? '   MISSED' : ''}`);
  }
  process.exitCode = rows.some(([, , , missed]) => missed) ? 1 : 0;
} finally {
  await darkroom.stop();
  await darkroom.forget();
  await page.close();
}
