/** The program of docs/in-the-browser.md does what the guide says. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { bytesOff } from '../../client/sdk/testing/bytes-off.ts';
import { shippedFolder } from '../models/shipped-folder.ts';
import { House } from './house.ts';

const rgb = async (png: ArrayBuffer | Buffer) => new Uint8Array(await sharp(png).removeAlpha().raw().toBuffer());

it('develops the picture that the server makes', async () => {
  const [, program] = /^```ts\n(.*?)^```$/ms.exec(await readFile('docs/in-the-browser.md', 'utf8'))!;
  const place = await mkdtemp(join(tmpdir(), 'darkroom-guide-'));
  const house = await House.build({}, true, [await shippedFolder()]);
  try {
    await writeFile(join(place, 'develop.ts'), program!);
    await writeFile(join(place, 'package.json'), '{ "type": "module" }');
    for (const name of ['client', 'models', 'wire', 'node_modules']) await symlink(resolve(name), join(place, name));
    const run = await promisify(execFile)(process.execPath, ['develop.ts', house.url], { cwd: place });
    expect(run.stderr).toBe('');
    expect(run.stdout).toContain('step 20 of 20');
    const { generation } = await house.generate({ prompt: 'a cat on a red background', seed: 7, wait: 60_000 });
    const served = await (await fetch(generation.images[0].png)).arrayBuffer();
    const { most, share } = bytesOff(await rgb(await readFile(join(place, 'cat.png'))), await rgb(served));
    expect(most).toBeLessThanOrEqual(1);
    expect(share).toBeLessThan(0.01);
  } finally {
    await house.tearDown();
    await rm(place, { recursive: true, force: true });
  }
});
