/** Where pictures and other files go: names, and never over what is there. */
import { access, constants, writeFile } from 'node:fs/promises';
import { dirname, extname } from 'node:path';
import type { Darkroom } from '../sdk/index.ts';
import type { Call, Options } from './command.ts';
import { FileError, UsageError } from './troubles.ts';

/** Options of commands that write files. */
export const fileOptions = {
  output: { type: 'string', short: 'o', value: 'FILE', help: 'where to; - is standard output' },
  force: { type: 'boolean', short: 'f', help: 'write over what is there' },
} as const satisfies Options;

/** A picture's addresses, one for each format. */
export interface Addresses {
  readonly url: string;
  readonly webpUrl: string;
  readonly jpegUrl: string;
}

/** Characters. */
const longestSlug = 48;

export type Format = 'png' | 'webp' | 'jpeg';

const endings: Readonly<Record<string, Format>> = { '.png': 'png', '.webp': 'webp', '.jpg': 'jpeg', '.jpeg': 'jpeg' };

/** By a file's ending; standard output is PNG. @throws UsageError */
export function formatOf(file: string): Format {
  const format = file === '-' ? 'png' : endings[extname(file).toLowerCase()];
  if (!format) throw new UsageError(`${file} should end in .png, .webp or .jpg, which says what it is to be`);
  return format;
}

export function addressOf(image: Addresses, format: Format): string {
  return { png: image.url, webp: image.webpUrl, jpeg: image.jpegUrl }[format];
}

/** Of several files of one name: `cat.png` is `cat-1.png`, `cat-2.png`, … */
export function numbered(file: string, count: number): string[] {
  if (count === 1) return [file];
  if (file === '-') throw new UsageError('Standard output takes one picture: name a file with -o, or ask for one');
  const ending = extname(file);
  const stem = file.slice(0, file.length - ending.length);
  return Array.from({ length: count }, (_, i) => `${stem}-${i + 1}${ending}`);
}

/** Before anything is made that nobody could keep. @throws UsageError, FileError */
export async function expectFree(files: readonly string[], force: boolean | undefined): Promise<void> {
  for (const file of files) {
    if (file === '-') continue;
    if (!force && (await exists(file))) throw taken(file);
    const folder = dirname(file);
    if (!(await exists(folder))) throw new FileError(`${file} cannot be written: there is no folder ${folder}`);
    if (!(await isWritable(folder))) throw new FileError(`${file} cannot be written: ${folder} is not writable`);
  }
}

/**
 * A name that is free: `a-cat-7.png`, or `a-cat-7-2.png` where there is one already.
 * @param stem such as a slug
 * @param given names that others have been given a moment ago: `--force` writes over files of before only
 */
export async function freeName(
  stem: string,
  ending: string,
  force: boolean | undefined,
  given: ReadonlySet<string> = new Set(),
): Promise<string> {
  for (let i = 1; ; i++) {
    const name = `${stem}${i === 1 ? '' : `-${i}`}${ending}`;
    if (!given.has(name) && (force || !(await exists(name)))) return name;
  }
}

/** Names for pictures of one prompt, by their seeds. @param ending such as `.png` */
export async function namesOf(
  prompt: string,
  seeds: readonly string[],
  ending: string,
  force: boolean | undefined,
): Promise<string[]> {
  const given = new Set<string>();
  for (const seed of seeds) given.add(await freeName(`${slug(prompt)}-${seed}`, ending, force, given));
  return [...given];
}

/** At most 48 characters: whole names stay far below the 255 bytes that file systems take. @example slug('A cat, on red!') // 'a-cat-on-red' */
export function slug(words: string): string {
  const name = words
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .replaceAll(/^-+|-+$/g, '');
  return [...name].slice(0, longestSlug).join('').replace(/-$/, '') || 'picture';
}

/** @throws FileError, UsageError */
export async function write(file: string, bytes: Uint8Array, force: boolean | undefined): Promise<void> {
  try {
    await writeFile(file, bytes, { flag: force ? 'w' : 'wx' });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw taken(file);
    throw new FileError(`${file} cannot be written: ${message}`);
  }
}

/**
 * Fetches what is at addresses and writes it.
 * @returns the bytes of what is for standard output; null where nothing is
 */
export async function save(
  darkroom: Darkroom,
  urls: readonly string[],
  files: readonly string[],
  { values, signal }: Pick<Call<typeof fileOptions>, 'values' | 'signal'>,
): Promise<Uint8Array | null> {
  const all = await Promise.all(urls.map(async url => (await darkroom.download(url, { signal })).bytes()));
  let printed: Uint8Array | null = null;
  for (const [i, bytes] of all.entries()) {
    if (files[i] === '-') printed = bytes;
    else await write(files[i]!, bytes, values.force);
  }
  return printed;
}

function taken(file: string): UsageError {
  return new UsageError(`${file} is there already: --force writes over it, or name another one with -o`);
}

async function isWritable(folder: string): Promise<boolean> {
  return access(folder, constants.W_OK).then(
    () => true,
    () => false,
  );
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
