/** Every command of `darkroom`, as a process against a real server. */
import { copyFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commands } from '../../client/command-line/commands.ts';
import { helpOf } from '../../client/command-line/help.ts';
import { Darkroom } from '../../client/sdk/index.ts';
import { readSafetensors } from '../../models/checkpoint/safetensors.ts';
import { House } from '../end-to-end/house.ts';
import { tinyFolder } from '../models/tiny-checkpoint.ts';
import { withExtras } from '../models/tiny-extras.ts';
import { binary, type Typing, typed } from './typed.ts';

let house: House;
let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'darkroom-typed-'));
  house = await House.build({}, true, [withExtras(tinyFolder())]);
  const background = { width: 40, height: 30, channels: 3, background: '#c85a14' } as const;
  await sharp({ create: background }).png().toFile(join(cwd, 'brown.png'));
});
afterAll(async () => {
  await house?.tearDown();
  await rm(cwd, { recursive: true });
});

const darkroom = (args: readonly string[], typing: Partial<Typing> = {}) =>
  typed(args, { cwd, env: { DARKROOM_URL: house.url }, ...typing });
/** What it prints with --json; it must succeed. */
const json = async (...args: string[]) => {
  const { code, text, stderr } = await darkroom([...args, '--json']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  // biome-ignore lint/suspicious/noExplicitAny: of every shape
  return JSON.parse(text) as any;
};
const formatOf = async (file: string) => (await sharp(join(cwd, file)).metadata()).format;
const keyPattern = /^[0-9a-f]{64}$/;

describe('generate', () => {
  it('writes a picture in the format that its name says, and nothing else', async () => {
    const said = await darkroom(['generate', 'a b', '--seed', '7', '--steps', '2', '-o', 'one.webp']);
    expect(said).toMatchObject({ code: 0, text: 'one.webp  seed 7', stderr: '' });
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
    const piped = await darkroom(['generate', 'a', '--start', '-', '--steps', '4', '--seed', '1', '-o', '-'], {
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
    const said = await darkroom(['generate', 'b b', '--steps', '900', '--count', '4', '-o', 'never.png'], {
      begun: async child => {
        for (;;) {
          const { nodes } = await sdk.generations({ first: 1 });
          if (nodes[0]?.prompt === 'b b' && nodes[0].progress.step > 0) break;
        }
        child.kill('SIGINT');
      },
    });
    expect(said).toMatchObject({
      code: 130,
      text: '',
      stderr: expect.stringMatching(/^Cancelled: \S+\nInterrupted\n$/),
    });
    expect((await sdk.generations({ first: 1 })).nodes[0]).toMatchObject({ prompt: 'b b', status: 'CANCELLED' });
    expect(await readdir(cwd)).not.toContain('never.png');
  });

  it('is left alone with --detach: then it is listed, shown, watched, cancelled and deleted', async () => {
    const { text: id } = await darkroom(['generate', 'a a', '--steps', '900', '--count', '4', '--detach']);
    expect((await json('list', '-n', '1'))[0]).toMatchObject({ id, prompt: 'a a' });
    expect((await darkroom(['list', '--status', 'queued', '--status', 'denoising'])).text).toContain('a a');
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
    ['no such command', ['paint'], 2, /^There is no command "paint": expected one of generate, /],
    [
      'an unknown option',
      ['generate', 'a', '--stepz', '3'],
      2,
      /^Unknown option '--stepz'.*: see darkroom generate --help/,
    ],
    [
      'words without quotes',
      ['generate', 'a', 'cat'],
      2,
      /was given "a" "cat"\. What belongs together is put in quotes/,
    ],
    ['no number', ['generate', 'a', '--steps', 'many'], 2, /^--steps is "many": expected a number/],
    ['no size', ['generate', 'a', '--size', 'big'], 2, /^--size is "big": expected one such as 128x128/],
    ['no format', ['generate', 'a', '-o', 'a.gif'], 2, /^a\.gif should end in \.png, \.webp or \.jpg/],
    ['two for one output', ['generate', 'a', '--json', '-o', '-'], 2, /Both -o - and --json want standard output/],
    ['no axis', ['sheet', 'a', '--x', 'colour=red'], 2, /^--x is "colour=red": expected a parameter and its values/],
    ['no file', ['encode', 'none.png'], 1, /^none\.png: there is no such file/],
    ['out of range', ['generate', 'a', '--steps', '0'], 4, /^steps is 0: at least 1\n$/],
    ['an empty prompt', ['generate', ''], 4, /prompt/],
    [
      'an unknown scheduler',
      ['generate', 'a', '--scheduler', 'magic'],
      2,
      /^--scheduler is "magic": expected one of ddim, /,
    ],
    ['an unknown checkpoint', ['generate', 'a', '--checkpoint', 'none'], 4, /none/],
    [
      'a folder that is none',
      ['generate', 'a', '--steps', '1', '-o', 'nowhere/a.png'],
      1,
      /^nowhere\/a\.png cannot be written/,
    ],
  ];
  it.each(wrong)('%s', async (_, args, code, message) => {
    const said = await darkroom(args);
    // With --json it goes to standard output.
    const told = args.includes('--json') ? JSON.parse(said.text).error.message : said.stderr;
    expect({ code: said.code, told }).toEqual({ code, told: expect.stringMatching(message) });
    expect(told).not.toMatch(/^ {4}at /m);
  });

  it('is one JSON document with --json', async () => {
    const { code, text, stderr } = await darkroom(['generate', 'a', '--steps', '0', '--json']);
    expect({ code, stderr }).toEqual({ code: 4, stderr: '' });
    expect(JSON.parse(text)).toEqual({
      error: { kind: 'input', code: 'INPUT_INVALID', message: expect.any(String), issues: [expect.any(Object)] },
    });
  });

  it('is a server that is away', async () => {
    const env = { DARKROOM_URL: 'http://127.0.0.1:9' };
    expect(await darkroom(['list'], { env })).toMatchObject({
      code: 3,
      stderr: 'http://127.0.0.1:9 was not reached. Start one with "npm start", or name another with --url\n',
    });
    expect(await darkroom(['list', '--url', 'nonsense'])).toMatchObject({ code: 2 });
  });

  it('is not that somebody reads the first lines only', async () => {
    const program = ['/bin/sh', '-c', `"${process.execPath}" "$0" list --json | head -c 5`];
    expect(await darkroom([binary], { program })).toMatchObject({ code: 0, text: '[\n  {', stderr: '' });
  });
});

describe('whatever starts it', () => {
  it('an older Node starts the one that npm ci has installed, or says that there is none', async () => {
    const older = 'data:text/javascript,Object.defineProperty(process.versions,"node",{value:"20.1.0"})';
    const said = await darkroom(['help', 'list'], { program: [process.execPath, '--import', older, binary] });
    expect(said).toMatchObject({
      code: 0,
      text: expect.stringMatching(/^darkroom list \[OPTION …\] {3}lists generations/),
    });
    await copyFile(binary, join(cwd, 'alone.mjs'));
    const alone = await darkroom(['help'], { program: [process.execPath, '--import', older, 'alone.mjs'] });
    expect(alone).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^darkroom needs Node 24 or newer, .*npm ci/),
    });
  });

  it('npm run, which changes the folder, leaves files where they were meant', async () => {
    const env = { DARKROOM_URL: house.url, npm_lifecycle_event: 'darkroom', INIT_CWD: cwd };
    const said = await darkroom(['generate', 'a', '--steps', '2', '-o', 'run.png'], { cwd: tmpdir(), env });
    expect(said).toMatchObject({ code: 0, stderr: '' });
    expect(await formatOf('run.png')).toBe('png');
  });

  it('who asks for help gets it, for every command with an example', async () => {
    const { text } = await darkroom(['--help']);
    const names = [...text.matchAll(/^ {2}([a-z]+) {2,}/gm)].map(([, name]) => name!);
    expect(names).toEqual(commands.map(({ name }) => name));
    for (const command of commands) {
      expect(helpOf(command)).toMatch(
        new RegExp(`^darkroom ${command.name}\\b[\\s\\S]*^For example:\n\n  darkroom ${command.name}\\b`, 'm'),
      );
    }
    expect((await darkroom(['show', '--help'])).text).toBe(helpOf(commands.find(({ name }) => name === 'show')!));
  });
});

describe('a terminal', () => {
  const inTerminal = (args: string, env: Record<string, string>) => {
    const command = `stty cols 60 rows 40; "${process.execPath}" "${binary}" ${args}`;
    return darkroom([command, '/dev/null'], {
      program: ['script', '-qec'],
      env: { DARKROOM_URL: house.url, TERM: 'xterm', SHELL: '/bin/sh', ...env },
    });
  };

  it('sees how far it is, and what becomes of it in coloured half blocks', async () => {
    const { text, code } = await inTerminal('generate "b a" --steps 900 -o seen.png', { COLORTERM: 'truecolor' });
    expect(code).toBe(0);
    expect(text.match(/developing [█░]{20} \d+\/900/g)?.length).toBeGreaterThan(2);
    expect(text.match(/▀+/g)?.length).toBeGreaterThan(100);
    expect(text.slice(-40).trimEnd()).toMatch(/seen\.png {2}seed \d+$/);
  });

  it('sees pictures as its protocol has them, and none where it is told not to', async () => {
    const kitty = await inTerminal('generate "b a" --seed 4 --steps 2 -o kitty.png', { TERM: 'xterm-kitty' });
    expect(kitty.text).toMatch(/_Ga=T,f=100,[^;]*;iVBORw0KGgo/);
    const iterm = await inTerminal('generate "b a" --seed 4 --steps 2 -o iterm.png', { TERM_PROGRAM: 'iTerm.app' });
    expect(iterm.text).toMatch(/\]1337;File=inline=1;[^:]*:iVBORw0KGgo/);
    const env = { COLORTERM: 'truecolor', TERM_PROGRAM: 'iTerm.app' };
    const plain = await inTerminal('generate "b a" --seed 4 --steps 2 -o plain.png --no-preview', env);
    expect(plain.text).not.toMatch(/▀|1337/);
    const quiet = await inTerminal('generate "b a" --seed 4 --steps 2 -o quiet.png -q', env);
    expect(quiet.text).toBe('quiet.png  seed 4\r');
  });
});
