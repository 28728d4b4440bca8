/** Files of checkpoints, as a backend sends them for browsers. */
import { existsSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decoderWeights } from '../../models/checkpoint/browser-files.ts';
import { readSafetensors } from '../../models/checkpoint/safetensors.ts';
import type { BrowserFile, CheckpointCard } from '../../wire/card.ts';
import { onDisk, tinyFolder } from '../models/tiny-checkpoint.ts';
import { withExtras } from '../models/tiny-extras.ts';
import { type PretendBackend, startPretendBackend, until } from './pretend-backend.ts';

const program = new URL('../../gpu-backend/job-thread.ts', import.meta.url);
/** More than what lies in buffers between two processes. */
const largeBytes = 48 * 1024 * 1024;

let folder: string;
let backend: PretendBackend;
let card: CheckpointCard;
let files: readonly BrowserFile[];
beforeAll(async () => {
  const tiny = withExtras(tinyFolder());
  const vocabulary = new TextEncoder().encode('{"version": 1, "entries": []}');
  const large = new Uint8Array(largeBytes).fill(0x20);
  large.set(vocabulary);
  tiny.set('vocabulary.json', large);
  folder = await onDisk(tiny);
  writeFileSync(join(folder, 'secrets.txt'), 'nobody is to see this');
  backend = await startPretendBackend({ checkpoints: [folder] }, {}, program);
  await backend.loaded;
  const [{ digest } = { digest: '' }] = (await backend.client.ready()).checkpoints;
  card = await backend.client.card(digest);
  files = card.browser?.files ?? [];
});
afterAll(async () => {
  await backend?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const fetched = async (file: BrowserFile) => new Response(await backend.client.file(card.digest, file)).bytes();

describe('a checkpoint’s files for browsers', () => {
  it('are those that a browser needs, as they are on disk', async () => {
    const paths = files.map(({ path }) => path);
    expect(paths).toContain('unet/diffusion_pytorch_model.safetensors');
    expect(paths).toContain('tokenizer/merges.txt');
    expect(
      paths.filter(path => /embedder|discriminator|secrets|vae\/diffusion_pytorch_model.safetensors/.test(path)),
    ).toEqual([]);
    for (const file of files) {
      if (file.path === decoderWeights || file.bytes === largeBytes) continue;
      expect(Buffer.compare(await fetched(file), await readFile(join(folder, file.path)))).toBe(0);
    }
  });

  it('have the decoder’s weights without the encoder’s', async () => {
    const tensors = readSafetensors(await fetched(card.browser!.decoder.weights));
    const whole = readSafetensors(await readFile(join(folder, 'vae/diffusion_pytorch_model.safetensors')));
    const wanted = [...whole].filter(([name]) => !/^(encoder|quant_conv)\./.test(name));
    expect(wanted.length).toBeLessThan(whole.size);
    expect(new Map([...tensors].sort())).toEqual(new Map(wanted.sort()));
  });

  it.each([
    'secrets.txt',
    '../secrets.txt',
    'vae/../secrets.txt',
    'vae/diffusion_pytorch_model.safetensors',
    'embedder/config.json',
    '/etc/hostname',
    '.',
  ])('are nothing else: %s', async path => {
    // As it is, where an HTTP client would have made it another path.
    const url = `/v1/checkpoints/${card.digest}/${path}`;
    const headers = Object.entries(await backend.sign('GET', url)).map(([name, value]) => `${name}: ${value}\r\n`);
    const answer = await backend.raw(`GET ${url} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${headers.join('')}\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 404 /);
  });

  it('are of no other checkpoint, and their paths can be decoded', async () => {
    const [first] = files;
    await expect(backend.client.file('0'.repeat(64), first!)).rejects.toMatchObject({ code: 'checkpoint_unknown' });
    const url = `/v1/checkpoints/${card.digest}/%ff`;
    const response = await fetch(backend.url + url, { headers: await backend.sign('GET', url) });
    expect(response.status).toBe(400);
  });

  it.runIf(existsSync('/proc/self/fd'))('are read no further once the client has hung up', async () => {
    const isOpen = () =>
      readdirSync('/proc/self/fd').some(fd => {
        try {
          return readlinkSync(`/proc/self/fd/${fd}`).endsWith('vocabulary.json');
        } catch {
          return false;
        }
      });
    const large = files.find(({ path }) => path === 'vocabulary.json')!;
    const reader = (await backend.client.file(card.digest, large)).getReader();
    await reader.read();
    await until(isOpen);
    await reader.cancel();
    await until(() => !isOpen());
    expect(backend.events.filter(({ event }) => event === 'file_failed')).toEqual([]);
  });

  it('are refused once they are other files than the digest is of', async () => {
    const config = files.find(({ path }) => path === 'unet/config.json')!;
    writeFileSync(join(folder, config.path), (await readFile(join(folder, config.path), 'utf8')).replace('{', '{ '));
    await expect(fetched(config)).rejects.toMatchObject({ code: 'checkpoint_unknown' });
    const weights = join(folder, 'vae/diffusion_pytorch_model.safetensors');
    const bytes = await readFile(weights);
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(weights, bytes);
    for (let time = 0; time < 2; time++) {
      await expect(fetched(card.browser!.decoder.weights)).rejects.toMatchObject({ code: 'checkpoint_unknown' });
    }
  });
});
