import { spawnSync } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'darkroom-train-'));
});
afterEach(() => rm(folder, { recursive: true }));

const train = (...args: string[]) =>
  spawnSync(process.execPath, ['scripts/train.ts', ...args], { encoding: 'utf8', env: { PATH: folder } });

/** The machine's only Python: it writes down what it is told to do, and does nothing. */
async function python(version: string): Promise<() => Promise<string[]>> {
  const calls = join(folder, 'calls');
  const script = `#!/bin/sh\necho "$*" >> "${calls}"\necho "Python ${version}"\n`;
  await writeFile(join(folder, 'python3'), script);
  await chmod(join(folder, 'python3'), 0o755);
  return async () => (await readFile(calls, 'utf8')).trim().split('\n');
}

describe.skipIf(process.platform === 'win32')('npm run train', () => {
  it.each([
    [['--help'], 'models/training --help'],
    [['unet', '-h'], 'models/training unet -h'],
    [[], 'models/training'],
  ])('installs nothing for %j', async (args, asked) => {
    const calls = await python('3.12.1');
    const { status } = train(...args);
    expect(await calls()).toEqual(['--version', asked]);
    expect(status).toBe(0);
  });

  it('says in one line which Python it needs', async () => {
    await python('3.9.2');
    expect(train('--help')).toMatchObject({
      status: 1,
      stderr: 'python3 is Python 3.9.2: Python 3.11 or newer is needed\n',
    });
    await rm(join(folder, 'python3'));
    expect(train('--help').stderr).toMatch(/^python3 cannot be started \(.*\): install Python 3\.11 or newer\n$/);
  });
});
