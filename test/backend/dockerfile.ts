import { cpSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, matchesGlob, relative, sep } from 'node:path';

export interface Instruction {
  readonly name: string;
  readonly value: string;
}

/** The instructions of a Dockerfile, continued lines joined. */
export function readDockerfile(file: string): Instruction[] {
  const text = readFileSync(file, 'utf8')
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '');
  return text
    .split('\n')
    .filter(line => line.trim() !== '')
    .map(line => {
      const [, name, value] = /^([A-Z]+)\s+(.*)$/.exec(line.trim()) ?? [];
      if (name === undefined || value === undefined) throw new Error(`not an instruction: ${line}`);
      return { name, value };
    });
}

/** What `NAME=value` pairs of every ENV set. */
export function readEnvironment(instructions: readonly Instruction[]): Record<string, string> {
  const pairs = instructions.filter(({ name }) => name === 'ENV').flatMap(({ value }) => value.split(/\s+/));
  return Object.fromEntries(pairs.map(pair => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]));
}

/** The list of an instruction in its JSON form, e.g. of CMD. */
export function readCommand(instructions: readonly Instruction[], name: string): string[] {
  const value = instructions.findLast(instruction => instruction.name === name)?.value ?? '';
  return JSON.parse(value.slice(value.indexOf('['))) as string[];
}

/** Does what COPY says: `sources… destination`, from a build context without what its .dockerignore names. */
export function copy(context: string, value: string, workingDirectory: string): void {
  const words = value.split(/\s+/);
  const destination = words.pop()!;
  const isIgnored = readIgnored(join(context, '.dockerignore'));
  for (const source of words) {
    const from = join(context, source);
    const isFile = statSync(from).isFile();
    const to = isFile ? join(workingDirectory, destination, basename(source)) : join(workingDirectory, destination);
    mkdirSync(workingDirectory, { recursive: true });
    cpSync(from, to, {
      recursive: true,
      filter: path => !isIgnored(relative(context, path).split(sep).join('/')),
    });
  }
}

/** As Docker reads it: the last pattern that matches the path, or a folder it lies in, decides. */
function readIgnored(file: string): (path: string) => boolean {
  const patterns = readFileSync(file, 'utf8')
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '' && !line.startsWith('#'));
  return path => {
    const parts = path.split('/');
    const prefixes = parts.map((_, i) => parts.slice(0, i + 1).join('/'));
    return patterns.reduce((ignored, pattern) => {
      const negated = pattern.startsWith('!');
      const glob = negated ? pattern.slice(1) : pattern;
      return prefixes.some(prefix => matchesGlob(prefix, glob)) ? !negated : ignored;
    }, false);
  };
}
