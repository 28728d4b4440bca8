import { afterEach, describe, expect, it } from 'vitest';
import { json, type Loopback, loopback } from '../sdk/testing/loopback.ts';
import { commands } from './commands.ts';
import { helpOf } from './help.ts';
import { outcome, type Surroundings } from './outcome.ts';
import { Interruption } from './troubles.ts';

let server: Loopback | null = null;
afterEach(async () => {
  await server?.close();
  server = null;
});

/** What is said to what was typed, where nobody answers but at `url`. */
async function heard(argv: readonly string[], url = 'http://127.0.0.1:9', signal = new AbortController().signal) {
  const told: string[] = [];
  const stderr = { write: (text: string) => told.push(text) > 0 } as Surroundings['stderr'];
  const { text, exitCode } = await outcome(argv, { env: { DARKROOM_URL: url }, stderr, signal });
  return { code: exitCode, text: String(text), stderr: told.join('') };
}

/** Known as a Darkroom by its first answer, which then gives another one. */
async function answering(data: unknown): Promise<string> {
  server = await loopback((response, i) => json(response, i === 0 ? { data: { generation: null } } : data));
  return server.url;
}

describe('what is wrong', () => {
  it.each<[string, string[], number, RegExp]>([
    ['no such command', ['paint'], 2, /^There is no command "paint"\. Expected one of generate, /],
    ['no command at all', [''], 2, /^There is no command ""\. Expected one of generate, /],
    ['half a command', ['gen'], 2, /^There is no command "gen"\. Did you mean generate\?$/m],
    [
      'too many',
      ['generate', 'a', '-n', '1000000000', '-o', 'x.png'],
      2,
      /^--count is 1000000000: expected a whole number/,
    ],
    [
      'too many on the way',
      ['interpolate', 'a', 'b', '-n', '1e9', '-o', 'x.png'],
      2,
      /^--number is 1000000000: expected/,
    ],
    ['what is no address', ['list', '--url', 'nonsense'], 2, /^"nonsense" is no address of a server/],
    [
      'a server that is away',
      ['list'],
      3,
      /^http:\/\/127\.0\.0\.1:9 was not reached\. Start one with "npm start", or name another with --url$/m,
    ],
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
    [
      'an unknown scheduler',
      ['generate', 'a', '--scheduler', 'magic'],
      2,
      /^--scheduler is "magic": expected one of ddim, /,
    ],
    [
      'a folder that is none',
      ['generate', 'a', '--steps', '1', '-o', 'nowhere/a.png'],
      1,
      /^nowhere\/a\.png cannot be written/,
    ],
  ])('%s', async (_, args, code, message) => {
    const { code: ended, text, stderr } = await heard(args);
    // With --json it goes to standard output.
    const told = args.includes('--json') ? JSON.parse(text).error.message : stderr;
    expect({ code: ended, told }).toEqual({ code, told: expect.stringMatching(message) });
    expect(told).not.toMatch(/^ {4}at /m);
  });
});

describe('help', () => {
  it('is there for every command, with an example', async () => {
    const { code, text } = await heard(['--help']);
    const names = [...text.matchAll(/^ {2}([a-z]+) {2,}/gm)].map(([, name]) => name!);
    expect({ code, names }).toEqual({ code: 0, names: commands.map(({ name }) => name) });
    for (const command of commands) {
      expect(helpOf(command)).toMatch(
        new RegExp(`^darkroom ${command.name}\\b[\\s\\S]*^For example:\n\n  darkroom ${command.name}\\b`, 'm'),
      );
    }
    const show = commands.find(({ name }) => name === 'show')!;
    expect((await heard(['show', '--help'])).text).toBe(`${helpOf(show)}\n`);
  });
});

describe('what a server says', () => {
  const nasty = 'cat\x1b]0;title\x07\u202e\x9b';

  it('does nothing to the terminal, be it an error', async () => {
    const refusal = { errors: [{ message: nasty, extensions: { code: 'NOT_FOUND' } }] };
    expect((await heard(['list'], await answering(refusal))).stderr).toBe('cat\\x1b]0;title\\x07\\u202e\\x9b\n');
  });

  it('does nothing to the terminal, be it an answer or its JSON', async () => {
    const edges = [{ node: { phrase: nasty, kind: 'thing', also: [] } }];
    const data = {
      checkpoint: { vocabulary: { edges, totalCount: 1, pageInfo: { hasNextPage: false, endCursor: null } } },
    };
    const { text } = await heard(['vocabulary'], await answering({ data }));
    expect(text).toContain('cat\\x1b]0;title\\x07\\u202e\\x9b  thing');
    await server?.close();
    const document = await heard(['vocabulary', '--json'], await answering({ data }));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may be there
    expect(document.text).not.toMatch(/[\x1b\x07\u202e\x9b]/);
    expect(JSON.parse(document.text).nodes[0].phrase).toBe(nasty);
  });
});

it('does not wait for an answer to generate --detach once it is interrupted', async () => {
  const interruption = new AbortController();
  server = await loopback((response, i) => {
    if (i === 0) json(response, { data: { generation: null } });
    else interruption.abort(new Interruption());
  });
  const told = await heard(['generate', 'a', '--detach'], server.url, interruption.signal);
  expect(told).toEqual({ code: 130, text: '', stderr: 'Interrupted\n' });
});
