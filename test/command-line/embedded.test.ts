/** The Darkroom that a command starts for itself, where none answers. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Holder, holderOf } from '../../scripts/start/lock.ts';
import { probePort } from '../../scripts/start/ports.ts';
import { onDisk, tinyFolder } from '../models/tiny-checkpoint.ts';
import { type Said, type Typing, typed } from './typed.ts';

let cwd: string;
let home: string;
let env: Record<string, string>;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'darkroom-embedded-'));
  home = join(cwd, 'home');
  const checkpoint = await onDisk(tinyFolder(), cwd);
  // Nothing listens where npm start would, whatever else runs on this machine.
  env = { DARKROOM_HOME: 'home', CHECKPOINTS: checkpoint, PORT: String(await probePort('127.0.0.1', 0)), THREADS: '1' };
});
afterAll(() => rm(cwd, { recursive: true }));

const darkroom = (args: readonly string[], typing: Partial<Typing> = {}) => typed(args, { cwd, env, ...typing });
const held = async (so: (holder: Holder | null) => boolean) => {
  for (const end = performance.now() + 30_000; performance.now() < end; await sleep(20)) {
    const holder = await holderOf(home);
    if (so(holder)) return holder;
  }
  throw new Error(`${home} is held by ${JSON.stringify(await holderOf(home))}`);
};

it('ends with its command, even where that is killed; then comes who has waited for it', async () => {
  let next: Promise<Said> | undefined;
  const killed = await darkroom(['generate', 'a', '--steps', '100', '--seed', '1', '-o', 'long.png'], {
    begun: async child => {
      await held(holder => holder?.url != null);
      next = darkroom(['generate', 'a b', '--steps', '2', '--seed', '1'], {
        // It has said that it waits.
        begun: waiting => waiting.stderr?.once('data', () => child.kill('SIGKILL')),
      });
    },
  });
  expect(killed).toMatchObject({
    code: 'SIGKILL',
    stderr: expect.stringMatching(/^No Darkroom answers: starting one …\n(http:\S+ is ready\n)?$/),
  });
  const { code, text, stderr } = await next!;
  expect({ code, text }).toEqual({ code: 0, text: 'a-b-1.png  seed 1' });
  const [, url] =
    /^Waiting for process \d+, which works in .*\nNo Darkroom answers: .*\n(http:\S+) is ready$/m.exec(stderr) ?? [];
  await expect(fetch(url!)).rejects.toThrow('fetch failed');
  expect(existsSync(join(home, 'running'))).toBe(false);
});

it('stays with --keep-running, and is found by those who come later', async () => {
  const { code, stderr } = await darkroom(['list', '--keep-running']);
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: expect.stringMatching(/ is ready, and stays: end it with kill \d+$/m),
  });
  const { pid } = (await held(holder => holder?.url != null))!;
  try {
    const later = await darkroom(['list']);
    expect(later).toMatchObject({ code: 0, stderr: '' });
  } finally {
    process.kill(pid);
  }
  await held(holder => holder === null);
});

it('is what serve runs, until it is told to stop', async () => {
  const { code, text, stderr } = await darkroom(['serve', '--port', '0', '--json'], {
    begun: async child => {
      await held(holder => holder?.url != null);
      child.kill('SIGTERM');
    },
  });
  expect({ code, text }).toEqual({ code: 0, text: '{\n  "exitCode": 0\n}' });
  expect(stderr).toMatch(/^Darkroom is ready: http:\/\/127\.0\.0\.1:\d+/m);
});

it('says why it cannot start', async () => {
  const none = { ...env, CHECKPOINTS: join(cwd, 'none') };
  const { code, stderr } = await darkroom(['list'], { env: none });
  expect(code).toBe(3);
  expect(stderr).toContain('none');
  expect(stderr).not.toMatch(/^ {4}at /m);
});
