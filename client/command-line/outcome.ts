/** Reads what was typed, runs the command, and says what it found. */
import { parseArgs } from 'node:util';
import manifest from '../../package.json' with { type: 'json' };
import { Darkroom } from '../sdk/index.ts';
import type { Answer, Call, Command } from './command.ts';
import { everywhere } from './command-options.ts';
import { commands } from './commands.ts';
import { helpOf, overview } from './help.ts';
import { reportOf } from './report-error.ts';
import { reach } from './server/reach.ts';
import type { Server } from './server/server.ts';
import { pictureProtocol } from './terminal/pictures.ts';
import { printable, printableJson } from './terminal/printable.ts';
import { Screen, type ScreenOptions } from './terminal/screen.ts';
import { UsageError } from './troubles.ts';

/** What a command meets. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Standard error. */
  readonly stderr: ScreenOptions['stream'];
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

export interface Outcome {
  /** For standard output. */
  readonly text: string | Uint8Array;
  readonly exitCode: number;
}

/** What becomes of what was typed; what is wrong is told on standard error, or as JSON where that is asked for. */
export async function outcome(argv: readonly string[], surroundings: Surroundings): Promise<Outcome> {
  const [name, ...rest] = argv;
  const json = argv.includes('--json');
  try {
    if (name === undefined) return { text: `${overview(commands)}\n`, exitCode: 2 };
    if (name === '--version' || name === '-V') return { text: `${manifest.version}\n`, exitCode: 0 };
    if (['help', '--help', '-h'].includes(name)) return { text: help(rest[0]), exitCode: 0 };
    const { text, json: document, exitCode = 0 } = await run(named(name), rest, surroundings);
    if (json) return { text: printableJson(document), exitCode };
    return { text: typeof text === 'string' && text !== '' ? `${printable(text)}\n` : text, exitCode };
  } catch (error) {
    const { exitCode, text, error: told } = reportOf(error);
    if (json) return { text: printableJson({ error: told }), exitCode };
    surroundings.stderr.write(`${printable(text)}\n`);
    return { text: '', exitCode };
  }
}

function help(name: string | undefined): string {
  return `${name === undefined ? overview(commands) : helpOf(named(name))}\n`;
}

function named(name: string): Command {
  const found = commands.find(command => command.name === name);
  if (found) return found;
  const names = commands.map(({ name }) => name);
  const near = name === '' ? [] : names.filter(known => known.startsWith(name.slice(0, 4)));
  const meant = near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `Expected one of ${names.join(', ')}`;
  throw new UsageError(`There is no command ${JSON.stringify(name)}. ${meant}`);
}

async function run(command: Command, argv: readonly string[], { env, stderr, signal }: Surroundings): Promise<Answer> {
  const { values, words } = parsed(command, argv);
  if (values.help) return { text: helpOf(command), json: { help: helpOf(command) } };
  checkWords(command, words);
  if (values.json && values.output === '-') {
    throw new UsageError('Both -o - and --json want standard output: name a file with -o');
  }
  const screen = new Screen({
    stream: stderr,
    quiet: values.quiet === true,
    pictures: values['no-preview'] ? null : pictureProtocol(env),
  });
  let server: Server | null = null;
  const darkroom = async (lasting = false) => {
    server = await reach({
      url: typeof values.url === 'string' ? values.url : undefined,
      keepRunning: values['keep-running'] === true,
      lasting,
      env,
      note: text => screen.note(text),
      signal,
    });
    return new Darkroom({ url: server.url });
  };
  try {
    return await command.run({ values, words, darkroom, screen, signal } as Call);
  } finally {
    screen.end();
    await (server as Server | null)?.close();
  }
}

/** @throws UsageError */
function parsed({ name, options }: Command, argv: readonly string[]) {
  try {
    const all = { ...options, ...everywhere };
    const { values, positionals } = parseArgs({ args: [...argv], options: all, allowPositionals: true });
    return { values: values as Readonly<Record<string, string | boolean | readonly string[]>>, words: positionals };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (!code?.startsWith('ERR_PARSE_ARGS')) throw error;
    throw new UsageError(`${message.split('. ')[0]}: see darkroom ${name} --help`);
  }
}

/** @throws UsageError */
function checkWords({ name, places }: Command, words: readonly string[]): void {
  const least = places.filter(place => !place.startsWith('[')).length;
  const most = places.some(place => place.includes('…')) ? Number.POSITIVE_INFINITY : places.length;
  if (words.length >= least && words.length <= most) return;
  const expected = places.length === 0 ? 'nothing' : places.join(' ');
  const given = words.length === 0 ? 'nothing' : words.map(word => JSON.stringify(word)).join(' ');
  const hint = words.length > most && most === 1 ? '. What belongs together is put in quotes' : '';
  throw new UsageError(
    `darkroom ${name} takes ${expected}, and was given ${given}${hint}: see darkroom ${name} --help`,
  );
}
