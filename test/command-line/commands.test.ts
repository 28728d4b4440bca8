/** Every command of `darkroom` against a real server: as a process where that is what it is about. */
import { copyFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Darkroom } from '../../client/sdk/index.ts';
import { readSafetensors } from '../../models/checkpoint/safetensors.ts';
import { House } from '../end-to-end/house.ts';
import { tinyFolder } from '../models/tiny-checkpoint.ts';
import { withExtras } from '../models/tiny-extras.ts';
import { binary, said, type Typing, typed } from './typed.ts';

let house: House;
let cwd: string;
const before = process.cwd();
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'darkroom-typed-'));
  process.chdir(cwd);
  house = await House.build({}, true, [withExtras(tinyFolder())]);
  const background = { width: 40, height: 30, channels: 3, background: '#c85a14' } as const;
  await sharp({ create: background }).png().toFile(join(cwd, 'brown.png'));
});
afterAll(async () => {
  await house?.tearDown();
  process.chdir(before);
  await rm(cwd, { recursive: true });
});

const darkroom = (args: readonly string[]) => said(args, { DARKROOM_URL: house.url });
const asProcess = (args: readonly string[], typing: Partial<Typing> = {}) =>
  typed(args, { cwd, env: { DARKROOM_URL: house.url }, ...typing });
/** What it prints with --json; it must succeed. */
const json = async (...args: string[]) => {
  const { code, text, stderr } = await darkroom([...args, '--json']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  // biome-ignore lint/suspicious/noExplicitAny: of every shape
  return JSON.parse(text) as any;
};
const formatOf = async (file: string) => (await sharp(join(cwd, file)).metadata()).format;
/** Waits until the newest generation is one of that prompt, and is being made. */
const begun = async (sdk: Darkroom, prompt: string) => {
  for (;;) {
    const { nodes } = await sdk.generations({ first: 1 });
    if (nodes[0]?.prompt === prompt && nodes[0].progress.step > 0) return;
  }
};
const keyPattern = /^[0-9a-f]{64}$/;

describe('generate', () => {
  it('writes a picture in the format that its name says, and nothing else', async () => {
    const made = await asProcess(['generate', 'a b', '--seed', '7', '--steps', '2', '-o', 'one.webp']);
    expect(made).toMatchObject({ code: 0, text: 'one.webp  seed 7', stderr: '' });
    expect(await formatOf('one.webp')).toBe('webp');
  });

  it('numbers several, scores them, and takes every parameter', async () => {
    const parameters =
      '--negative b --steps 3 --guidance 2 --guidance-rescale 0.5 --scheduler euler --size 12x8 --seed 9';
    const made = await json(
      ...['generate', 'a', ...parameters.split(' '), '--reuse', 'none', '--clip-skip', '1'],
      ...['--count', '3', '--score', '--keep', '2', '-o', 'many.jpg'],
    );
    expect(made).toMatchObject({
      files: ['many-1.jpg', 'many-2.jpg'],
      negativePrompt: 'b',
      images: [{ score: { score: expect.any(Number) } }, {}],
      parameters: {
        steps: 3,
        guidanceScale: 2,
        guidanceRescale: 0.5,
        scheduler: 'EULER',
        width: 12,
        height: 8,
        clipSkip: 1,
        reuse: 'NONE',
      },
    });
    expect(await formatOf('many-2.jpg')).toBe('jpeg');
    const eta = await json('generate', 'a', '--eta', '0.5', '--scheduler', 'ddim', '--steps', '2', '-o', 'eta.png');
    expect(eta.parameters).toMatchObject({ eta: 0.5 });
  });

  it('starts from a file, from a latent, and from what is piped in; and prints a picture where that is asked for', async () => {
    const file = await json(
      'generate',
      'a',
      '--start',
      'brown.png',
      '--strength',
      '0.5',
      '--steps',
      '4',
      '-o',
      's.png',
    );
    const { strength, startLatentKey } = file.parameters;
    expect({ strength, startLatentKey }).toEqual({ strength: 0.5, startLatentKey: expect.stringMatching(keyPattern) });
    const key: string = file.images[0].latent.key;
    const latent = await json('generate', 'a', '--start', key, '--steps', '4', '-o', 't.png');
    expect(latent.parameters.startLatentKey).toBe(key);
    const piped = await asProcess(['generate', 'a', '--start', '-', '--steps', '4', '--seed', '1', '-o', '-'], {
      input: await readFile(join(cwd, 'brown.png')),
    });
    expect(piped).toMatchObject({ code: 0, stderr: '' });
    expect((await sharp(piped.stdout).metadata()).format).toBe('png');
  });

  it('names files after prompt and seed, and never writes over one unless told to', async () => {
    const ask = ['generate', 'A b', '--seed', '3', '--steps', '2'];
    expect(await json(...ask)).toMatchObject({ files: ['a-b-3.png'] });
    expect(await json(...ask)).toMatchObject({ files: ['a-b-3-2.png'] });
    const before = await new Darkroom({ url: house.url }).generations({ first: 1 });
    const refused = await darkroom([...ask, '-o', 'a-b-3.png']);
    expect(refused).toMatchObject({ code: 2, text: '' });
    expect(refused.stderr).toBe('a-b-3.png is there already: --force writes over it, or name another one with -o\n');
    expect((await new Darkroom({ url: house.url }).generations({ first: 1 })).totalCount).toBe(before.totalCount);
    expect((await darkroom([...ask, '-o', 'a-b-3.png', '--force'])).code).toBe(0);
  });

  it('is cancelled on the server by Ctrl-C', async () => {
    const sdk = new Darkroom({ url: house.url });
    const interrupted = await asProcess(['generate', 'b b', '--steps', '900', '--count', '4', '-o', 'never.png'], {
      begun: async child => {
        await begun(sdk, 'b b');
        child.kill('SIGINT');
      },
    });
    expect(interrupted).toMatchObject({
      code: 130,
      text: '',
      stderr: expect.stringMatching(/^Cancelled: \S+\nInterrupted\n$/),
    });
    expect((await sdk.generations({ first: 1 })).nodes[0]).toMatchObject({ prompt: 'b b', status: 'CANCELLED' });
    expect(await readdir(cwd)).not.toContain('never.png');
  });

  it('is cancelled, too, when the terminal hangs up and nobody reads what it says', async () => {
    const sdk = new Darkroom({ url: house.url });
    const interrupted = await asProcess(['generate', 'b a b', '--steps', '900', '--count', '4', '-o', 'never.png'], {
      begun: async child => {
        child.stderr?.destroy();
        await begun(sdk, 'b a b');
        child.kill('SIGHUP');
      },
    });
    expect((await sdk.generations({ first: 1 })).nodes[0]).toMatchObject({ prompt: 'b a b', status: 'CANCELLED' });
    expect(interrupted).toMatchObject({ code: 130 });
  });

  it('is left alone with --detach: then it is listed, shown, watched, cancelled and deleted', async () => {
    const { text: id } = await darkroom(['generate', 'a a', '--steps', '900', '--count', '4', '--detach']);
    expect((await json('list', '-n', '1'))[0]).toMatchObject({ id, prompt: 'a a' });
    // Wherever it is by now, but at its end.
    const running = ['queued', 'encoding', 'denoising', 'decoding'].flatMap(status => ['--status', status]);
    expect((await darkroom(['list', ...running])).text).toContain('a a');
    expect((await darkroom(['show', id])).text).toMatch(/^id +\S+\nstatus +[A-Z]+\nprompt +a a$/m);
    expect(await json('cancel', id)).toMatchObject([{ id, status: 'CANCELLED' }]);
    const watched = await darkroom(['watch', id, '--json']);
    expect(JSON.parse(watched.text)).toMatchObject({ error: { kind: 'cancelled', generation: { id } } });
    expect(watched.code).toBe(1);
    expect((await darkroom(['delete', id])).text).toBe(`${id}  deleted`);
    expect(await darkroom(['show', id])).toMatchObject({
      code: 4,
      stderr: `There is no generation ${id}: see darkroom list\n`,
    });
  });
});

describe('the laboratory', () => {
  it('encodes, decodes, compresses and reconstructs', async () => {
    const { text: key } = await darkroom(['encode', 'brown.png', '-o', 'brown.safetensors']);
    expect(key).toMatch(keyPattern);
    expect(readSafetensors(new Uint8Array(await readFile(join(cwd, 'brown.safetensors')))).has('latent')).toBe(true);
    const compressed = await darkroom(['compress', 'brown.png', '--bits', '4', '-o', 'brown.dklat']);
    expect(compressed.text).toMatch(/^codec +bytes +PSNR\/dB\n\.dklat +\d+ +\d/);
    for (const [i, word] of [key, 'brown.safetensors', 'brown.dklat'].entries()) {
      expect((await darkroom(['decode', word, '-o', `decoded-${i}.png`])).text).toBe(`decoded-${i}.png`);
      expect(await formatOf(`decoded-${i}.png`)).toBe('png');
    }
    expect(await readFile(join(cwd, 'decoded-0.png'))).toEqual(await readFile(join(cwd, 'decoded-1.png')));
    expect((await darkroom(['show', key])).text).toContain(`key      ${key}`);
    const again = await json('reconstruct', 'brown.png', '-o', 'again.webp');
    expect(again).toMatchObject({ psnr: expect.any(Number), files: ['again.webp'] });
    const { key: sent } = await json('decode', 'brown.dklat', '--force', '-o', 'decoded-2.png');
    expect(await json('delete', sent)).toEqual({ deleted: [sent] });
  });

  it('finds what is like a text, a file, a latent', async () => {
    const [{ latent }] = await json('similar', 'a', '-n', '3');
    const { text } = await darkroom(['similar', 'brown.png', '--space', 'latent', '-n', '2']);
    expect(text.split('\n')).toEqual([
      expect.stringMatching(/^similarity +key +prompt$/),
      expect.stringMatching(/^-?\d\.\d{3} +[0-9a-f]{64}/),
      expect.stringMatching(/^-?\d\.\d{3} +[0-9a-f]{64}/),
    ]);
    expect(await json('similar', latent.key, '--least=-1', '-n', '1')).toHaveLength(1);
  });

  it('interpolates, judges, classifies, embeds, draws by chance', async () => {
    const way = await json('interpolate', 'brown.png', 'brown.png', '-n', '3', '-o', 'way.png');
    expect(way.files).toEqual(['way-1.png', 'way-2.png', 'way-3.png']);
    expect((await darkroom(['discriminate', 'brown.png'])).text).toMatch(/^\d\.\d{3}, (un)?like the data$/);
    expect(await json('classify', 'brown.png', '--label', 'a', '--label', 'b')).toHaveLength(2);
    expect((await json('embed', 'a', 'brown.png')).vectors).toHaveLength(2);
    expect(await json('embed', 'a', '-o', 'a.safetensors')).toMatchObject({ files: ['a.safetensors'] });
    expect(await json('random', '--kind', 'pixels', '--seed', '3')).toMatchObject({ files: ['random-pixels-3.png'] });
  });

  it('draws sheets', async () => {
    const sheet = await json(
      'sheet',
      'a',
      '--x',
      'steps=2,3',
      '--y',
      'scheduler=ddim,euler',
      '--seed',
      '1',
      '-o',
      'sheet.png',
    );
    expect(sheet.cells.flat()).toHaveLength(4);
    expect(await formatOf('sheet.png')).toBe('png');
  });

  it('knows the server’s models, and what they make of a prompt', async () => {
    expect((await darkroom(['checkpoints'])).text).toMatch(/\(default\)/);
    expect(await json('vocabulary', 'cat')).toMatchObject({ nodes: [] });
    expect((await darkroom(['check', 'a'])).text).toMatch(/^allowed +yes\ntokens +\d+: /);
    expect((await darkroom(['check', ''])).code).toBe(4);
  });
});

describe('what is wrong', () => {
  const wrong: [string, string[], number, RegExp][] = [
    ['out of range', ['generate', 'a', '--steps', '0'], 4, /^steps is 0: at least 1\n$/],
    ['an empty prompt', ['generate', ''], 4, /prompt/],
    ['an unknown checkpoint', ['generate', 'a', '--checkpoint', 'none'], 4, /none/],
  ];
  it.each(wrong)('%s', async (_, args, code, message) => {
    const { code: ended, stderr } = await darkroom(args);
    expect({ code: ended, stderr }).toEqual({ code, stderr: expect.stringMatching(message) });
    expect(stderr).not.toMatch(/^ {4}at /m);
  });

  it('is one JSON document with --json', async () => {
    const { code, text, stderr } = await darkroom(['generate', 'a', '--steps', '0', '--json']);
    expect({ code, stderr }).toEqual({ code: 4, stderr: '' });
    expect(JSON.parse(text)).toEqual({
      error: { kind: 'input', code: 'INPUT_INVALID', message: expect.any(String), issues: [expect.any(Object)] },
    });
  });

  it('is not that somebody reads the first lines only', async () => {
    const program = ['/bin/sh', '-c', `"${process.execPath}" "$0" list --json | head -c 5`];
    expect(await asProcess([binary], { program })).toMatchObject({ code: 0, text: '[\n  {', stderr: '' });
  });
});

describe('whatever starts it', () => {
  it('an older Node starts the one that npm ci has installed, or says that there is none', async () => {
    const older = 'data:text/javascript,Object.defineProperty(process.versions,"node",{value:"20.1.0"})';
    const newer = await asProcess(['help', 'list'], { program: [process.execPath, '--import', older, binary] });
    expect(newer).toMatchObject({
      code: 0,
      text: expect.stringMatching(/^darkroom list \[OPTION …\] {3}lists generations/),
    });
    await copyFile(binary, join(cwd, 'alone.mjs'));
    const alone = await asProcess(['help'], { program: [process.execPath, '--import', older, 'alone.mjs'] });
    expect(alone).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^darkroom needs Node 24 or newer, .*npm ci/),
    });
  });

  it('npm run, which changes the folder, leaves files where they were meant', async () => {
    const env = { DARKROOM_URL: house.url, npm_lifecycle_event: 'darkroom', INIT_CWD: cwd };
    const made = await asProcess(['generate', 'a', '--steps', '2', '-o', 'run.png'], { cwd: tmpdir(), env });
    expect(made).toMatchObject({ code: 0, stderr: '' });
    expect(await formatOf('run.png')).toBe('png');
  });
});

describe('a terminal', () => {
  it('sees how far it is, and what becomes of it in coloured half blocks', async () => {
    const command = `stty cols 60 rows 40; "${process.execPath}" "${binary}" generate "b a" --steps 500 -o seen.png`;
    const { text, code } = await asProcess([command, '/dev/null'], {
      program: ['script', '-qec'],
      env: { DARKROOM_URL: house.url, TERM: 'xterm', SHELL: '/bin/sh', COLORTERM: 'truecolor' },
    });
    expect(code).toBe(0);
    expect(text.match(/developing [█░]{20} \d+\/500/g)?.length).toBeGreaterThan(2);
    expect(text.match(/▀+/g)?.length).toBeGreaterThan(100);
    expect(text.slice(-40).trimEnd()).toMatch(/seen\.png {2}seed \d+$/);
  });

  it('sees pictures as its protocol has them, and none where it is told not to', async () => {
    const seen = async (file: string, env: Readonly<Record<string, string>>, ...options: string[]) => {
      const ask = ['generate', 'b a', '--seed', '4', '--steps', '2', '-o', file, ...options];
      const made = await said(ask, { DARKROOM_URL: house.url, ...env }, { isTTY: true, columns: 60, rows: 40 });
      expect(made).toMatchObject({ code: 0, text: `${file}  seed 4` });
      return made.stderr;
    };
    expect(await seen('kitty.png', { TERM: 'xterm-kitty' })).toMatch(/_Ga=T,f=100,[^;]*;iVBORw0KGgo/);
    expect(await seen('iterm.png', { TERM_PROGRAM: 'iTerm.app' })).toMatch(/\]1337;File=inline=1;[^:]*:iVBORw0KGgo/);
    const env = { COLORTERM: 'truecolor', TERM_PROGRAM: 'iTerm.app' };
    expect(await seen('plain.png', env, '--no-preview')).not.toMatch(/▀|1337/);
    expect(await seen('quiet.png', env, '-q')).toBe('');
  });
});
