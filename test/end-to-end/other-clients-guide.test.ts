/** The programs of docs/other-clients.md do what the guide says. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { House } from './house.ts';

it('make the pictures that they name', async () => {
  const guide = await readFile('docs/other-clients.md', 'utf8');
  const programs = [...guide.matchAll(/^```js\n(.*?)^```$/gms)].map(([, program]) => program!);
  expect(programs).toHaveLength(2);
  const place = await mkdtemp(join(tmpdir(), 'darkroom-guide-'));
  const house = await House.shipped();
  try {
    await symlink(resolve('node_modules'), join(place, 'node_modules'));
    const said: string[] = [];
    for (const [index, program] of programs.entries()) {
      const name = `program-${index}.mjs`;
      await writeFile(join(place, name), program.replace('http://127.0.0.1:8787', house.url));
      const run = await promisify(execFile)(process.execPath, [name], { cwd: place });
      expect(run.stderr).toBe('');
      said.push(run.stdout);
    }
    expect(said[0]).toContain(`${house.url}/images/`);
    expect(said[1]).toContain('a cat on a red background\nSteps: 20, Sampler: Euler a');
    const pictures = (await readdir(place)).filter(name => /\.(png|webp)$/.test(name));
    expect(pictures).toEqual(expect.arrayContaining(['apple.webp', 'cat-0.png', 'cat-1.png', 'cat.png']));
    for (const name of pictures) {
      expect(await sharp(await readFile(join(place, name))).metadata()).toMatchObject({ width: 128, height: 128 });
    }
  } finally {
    await house.tearDown();
    await rm(place, { recursive: true, force: true });
  }
});
