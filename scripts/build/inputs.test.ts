import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { inputsDigest } from './inputs.ts';

let root: string;
const write = async (file: string, text: string) => {
  await mkdir(dirname(join(root, file)), { recursive: true });
  await writeFile(join(root, file), text);
};

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'darkroom-inputs-'));
  const settings = ['assets', 'graphiql', 'studio'].map(name => `scripts/build/${name}.ts`);
  for (const file of ['wrangler.toml', 'package-lock.json', ...settings, 'worker/http/a.ts']) await write(file, file);
});
afterEach(() => rm(root, { recursive: true }));

it('changes with what a build reads, and with nothing else', async () => {
  const before = await inputsDigest(root);
  await write('worker/http/a.test.ts', 'a test');
  await write('README.md', 'words');
  await write('client/studio/a.test.tsx', 'a test');
  expect(await inputsDigest(root)).toBe(before);
  const digests = [before];
  for (const file of [
    ...['worker/http/a.ts', 'schema/b.ts', 'wrangler.toml', 'package-lock.json', 'scripts/build/studio.ts'],
    ...['client/studio/app.tsx', 'client/studio/app.css', 'client/studio/studio.html', 'client/sdk/a.ts'],
  ]) {
    await write(file, 'changed');
    digests.push(await inputsDigest(root));
  }
  expect(new Set(digests).size).toBe(digests.length);
});
