/** The examples, as they are, with the SDK as it is published. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, cp, readdir, readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { Miniflare } from 'miniflare';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium } from '../browser/chromium.ts';
import { House } from '../end-to-end/house.ts';
import { type InstalledClient, installClient } from '../install/installed-client.ts';
import { tinyFolder } from '../models/tiny-checkpoint.ts';
import { withExtras } from '../models/tiny-extras.ts';

const root = join(import.meta.dirname, '../..');
const run = promisify(execFile);

let client: InstalledClient;
let house: House;
let pages: Server;
let origin: string;
beforeAll(async () => {
  client = await installClient();
  await cp(join(root, 'examples'), client.folder, { recursive: true });
  await copyFile(join(client.built, 'darkroom.js'), join(client.folder, 'page/darkroom.js'));
  pages = await serve(join(client.folder, 'page'));
  origin = `http://127.0.0.1:${(pages.address() as AddressInfo).port}`;
  house = await House.build({ CORS_ORIGINS: origin }, true, [withExtras(tinyFolder())]);
});
afterAll(async () => {
  pages?.close();
  await house?.tearDown();
  await client?.remove();
});

/** Any server of files. */
async function serve(folder: string): Promise<Server> {
  const types: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript' };
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url!, 'http://files');
    const file = join(folder, pathname === '/' ? 'index.html' : pathname);
    const bytes = await readFile(file).catch(() => null);
    response.writeHead(bytes ? 200 : 404, { 'content-type': types[extname(file)] ?? 'text/plain' }).end(bytes);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
}

it('the web page makes a picture, from another origin, and says what is wrong', async () => {
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on('pageerror', error => complaints.push(error.message));
    await page.goto(`${origin}/?server=${house.url}`);
    await page.getByLabel('What is it to show?').fill('a b');
    await page.getByRole('button').click();
    const picture = page.getByRole('img', { name: 'a b' });
    await picture.waitFor();
    await expect.poll(() => picture.evaluate(img => ('naturalWidth' in img ? img.naturalWidth : 0))).toBe(8);
    await page.getByLabel('What is it to show?').fill(' ');
    await page.getByRole('button').click();
    const status = page.getByRole('status');
    await expect.poll(() => status.textContent()).toMatch(/prompt/i);
    expect(complaints).toEqual([]);
  } finally {
    await browser.close();
  }
});

describe('the script', () => {
  const make = (args: string[], url = house.url) =>
    run(process.execPath, ['make.js', ...args], {
      cwd: join(client.folder, 'script'),
      env: { ...process.env, DARKROOM_URL: url },
    });

  it('writes a picture', async () => {
    const { stdout } = await make(['a b', 'ab.png']);
    expect(stdout).toMatch(/^[A-Z]+ 0\/\d+\n[\s\S]*SUCCEEDED (\d+)\/\1\n/);
    expect((await sharp(join(client.folder, 'script/ab.png')).metadata()).format).toBe('png');
  });

  it('says why it did not', async () => {
    await expect(make([''])).rejects.toMatchObject({ code: 1, stderr: expect.stringMatching(/^prompt: /) });
    expect(await readdir(join(client.folder, 'script'))).not.toContain('cat.png');
  });
});

describe('the edge function', () => {
  let edge: Miniflare;
  beforeAll(async () => {
    const folder = join(client.folder, 'edge');
    const wrangler = join(root, 'node_modules/wrangler/bin/wrangler.js');
    const env = { ...process.env, CI: 'true', WRANGLER_SEND_METRICS: 'false', WRANGLER_WRITE_LOGS: 'false' };
    await run(process.execPath, [wrangler, 'deploy', '--dry-run', '--outdir', 'out'], { cwd: folder, env });
    const contents = await readFile(join(folder, 'out/worker.js'), 'utf8');
    edge = new Miniflare({
      host: '127.0.0.1',
      port: 0,
      cf: false,
      telemetry: { enabled: false },
      workers: [
        {
          config: {
            name: 'pictures',
            compatibilityDate: '2026-10-30',
            manifest: { mainModule: 'worker.js', modules: { 'worker.js': { type: 'esm', contents } } },
            env: { DARKROOM_URL: { type: 'text', value: house.url } },
          },
        },
      ],
    });
  });
  afterAll(() => edge?.dispose());
  const get = async (query: string) => fetch(new URL(query, await edge.ready));

  it('is TypeScript that holds', async () => {
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const options = ['--strict', '--noEmit', '--target', 'es2022', '--types', '', '--moduleResolution', 'bundler'];
    const lib = ['--lib', 'es2022,dom,dom.iterable', '--module', 'esnext', 'edge/worker.ts'];
    const said = await run(process.execPath, [tsc, ...options, ...lib], { cwd: client.folder }).catch(error => error);
    expect(said.stdout).toBe('');
  });

  it('answers with a picture, the same for the same prompt', async () => {
    const [one, two] = await Promise.all(['/?prompt=a+b', '/?prompt=a+b'].map(get));
    expect(one!.status).toBe(200);
    expect(one!.headers.get('content-type')).toBe('image/webp');
    const [bytes, again] = await Promise.all([one!, two!].map(async answer => Buffer.from(await answer.arrayBuffer())));
    expect((await sharp(bytes!).metadata()).format).toBe('webp');
    expect(again!.equals(bytes!)).toBe(true);
  });

  it('answers with what is wrong', async () => {
    expect((await get('/')).status).toBe(400);
    const refused = await get(`/?prompt=${'a'.repeat(5000)}`);
    expect(refused.status).toBe(422);
    expect(await refused.json()).toEqual({ message: expect.stringMatching(/prompt/i) });
  });
});
