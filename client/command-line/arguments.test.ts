import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeSafetensors } from '../../models/checkpoint/safetensors.ts';
import { fileFrom, likenessFrom, pictureFrom } from './arguments.ts';
import { FileError } from './troubles.ts';

let folder: string;
const at = (name: string) => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'darkroom-arguments-'));
  const picture = sharp({ create: { width: 4, height: 4, channels: 3, background: 'red' } });
  for (const format of ['png', 'jpeg', 'webp'] as const) await picture.toFormat(format).toFile(at(`a.${format}`));
  const latent = { dims: [1, 1, 1], data: Float32Array.of(1) };
  await writeFile(at('a.safetensors'), writeSafetensors({ latent }));
  await writeFile(at('package.json'), '{"name": "no picture"}');
  await writeFile(at('empty.png'), '');
});
afterAll(() => rm(folder, { recursive: true }));

it.each(['a.png', 'a.jpeg', 'a.webp', 'a.safetensors'])('takes %s', async name => {
  expect((await fileFrom(at(name))).length).toBeGreaterThan(20);
});

it('names a file that is something else, and what is expected', async () => {
  await expect(pictureFrom(at('package.json'))).rejects.toThrow(FileError);
  await expect(pictureFrom(at('package.json'))).rejects.toThrow(
    `${at('package.json')} is something else: expected a picture (PNG, JPEG or WebP), a latent (.safetensors or .dklat)`,
  );
  await expect(likenessFrom(at('empty.png'))).rejects.toThrow(`${at('empty.png')} is empty: expected a picture`);
  await expect(fileFrom(at('none.png'))).rejects.toThrow(`${at('none.png')}: there is no such file`);
});
