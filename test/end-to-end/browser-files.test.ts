/** What a browser needs to make pictures itself: the shipped checkpoint's files, through the API, with and without a backend. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decoderWeights, mostBrowserBytes } from '../../models/checkpoint/browser-files.ts';
import { readSafetensors } from '../../models/checkpoint/safetensors.ts';
import { shippedFolder } from '../models/shipped-folder.ts';
import type { Folder } from '../models/tiny-checkpoint.ts';
import { House } from './house.ts';

interface File {
  readonly path: string;
  readonly url: string;
  readonly bytes: number;
}

let house: House;
let shipped: Folder;
let decoder: { readonly configUrl: string; readonly weightsUrl: string; readonly bytes: number };
let files: readonly File[];
beforeAll(async () => {
  shipped = await shippedFolder();
  house = await House.build({}, true, [shipped]);
  const query = '{ checkpoint { decoder { configUrl weightsUrl bytes } browser { bytes files { path url bytes } } } }';
  const { data } = await house.ask(query);
  ({ decoder } = data.checkpoint);
  ({ files } = data.checkpoint.browser);
  expect(data.checkpoint.browser.bytes).toBe(files.reduce((sum, { bytes }) => sum + bytes, 0));
  expect(data.checkpoint.browser.bytes).toBeLessThan(mostBrowserBytes);
});
afterAll(() => house?.tearDown());

const find = (path: string) => files.find(file => file.path === path)!;
const get = async (url: string) => (await fetch(url)).bytes();

/** Every file is the checkpoint's own, the decoder's weights tensor by tensor. */
async function expectAll() {
  for (const { path, url, bytes } of files) {
    const response = await fetch(url);
    expect([path, response.status, response.headers.get('content-length')]).toEqual([path, 200, String(bytes)]);
    const body = await response.bytes();
    expect(body.byteLength).toBe(bytes);
    if (path !== decoderWeights) expect(Buffer.compare(body, shipped.get(path)!)).toBe(0);
  }
  const whole = readSafetensors(shipped.get('vae/diffusion_pytorch_model.safetensors')!);
  const cut = readSafetensors(await get(decoder.weightsUrl));
  expect(cut.size).toBeGreaterThan(50);
  expect([...cut.keys()].filter(name => !/^(decoder|post_quant_conv)\./.test(name))).toEqual([]);
  for (const [name, tensor] of cut) expect(tensor).toEqual(whole.get(name));
  const config = await get(decoder.configUrl);
  expect(Buffer.compare(config, shipped.get('vae/config.json')!)).toBe(0);
  expect(decoder.bytes).toBe(config.byteLength + find(decoderWeights).bytes);
}

describe('a browser’s files', () => {
  it('are not sent by a backend whose files were changed: ask again later', async () => {
    const path = 'preview/config.json';
    const onDisk = join(house.checkpoints[0]!, path);
    await writeFile(onDisk, '{}');
    const response = await fetch(find(path).url);
    expect(response.status).toBe(503);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BACKEND_UNAVAILABLE' } }] });
    await writeFile(onDisk, shipped.get(path)!);
    expect((await fetch(find(path).url)).status).toBe(200);
  });

  it('are the checkpoint’s, asked for first and then without a backend, and after a restart', async () => {
    await expectAll();
    await house.killBackend();
    await rm(join(house.checkpoints[0]!, 'unet'), { recursive: true });
    await expectAll();
    const before = files;
    await house.restartEdge();
    files = before.map(file => ({ ...file, url: file.url.replace(/^http:\/\/[^/]+/, house.url) }));
    decoder = {
      ...decoder,
      configUrl: decoder.configUrl.replace(/^http:\/\/[^/]+/, house.url),
      weightsUrl: decoder.weightsUrl.replace(/^http:\/\/[^/]+/, house.url),
    };
    await expectAll();
  });

  it('never change: 304, HEAD, and what they are', async () => {
    const { url, bytes } = find('unet/diffusion_pytorch_model.safetensors');
    const head = await fetch(url, { method: 'HEAD' });
    expect(Object.fromEntries(head.headers)).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': String(bytes),
      'cache-control': 'private, max-age=31536000, immutable',
      'cross-origin-resource-policy': 'cross-origin',
    });
    const etag = head.headers.get('etag')!;
    const same = await fetch(url, { headers: { 'if-none-match': etag } });
    expect([same.status, (await same.bytes()).byteLength]).toEqual([304, 0]);
    const types = await Promise.all(
      ['unet/config.json', 'tokenizer/merges.txt'].map(async path => (await fetch(find(path).url)).headers),
    );
    expect(types.map(headers => headers.get('content-type'))).toEqual([
      'application/json',
      'text/plain; charset=utf-8',
    ]);
  });

  it('need their token, and are no others', async () => {
    const { url } = find('unet/config.json');
    const other = find('vae/config.json').url;
    const token = new URL(url).search;
    const wrong = [
      url.slice(0, url.indexOf('?')),
      `${url.slice(0, -1)}${url.endsWith('A') ? 'B' : 'A'}`,
      other.replace(/\?.*/, token),
      url.replace('unet/config.json', 'embedder/config.json'),
      url.replace('unet/config.json', '..%2f..%2fetc%2fpasswd'),
    ];
    for (const address of wrong) expect([address, (await fetch(address)).status]).toEqual([address, 404]);
  });
});
