/** What stands for a picture on the command line: a file, standard input, or a latent that the server has. */
import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import type { Likeness, Picture } from '../sdk/index.ts';
import { FileError, UsageError } from './troubles.ts';

export function isKey(word: string): boolean {
  return /^[0-9a-f]{64}$/.test(word);
}

/** @throws FileError where it is neither a key nor a file that can be read */
export async function pictureFrom(word: string): Promise<Picture> {
  return isKey(word) ? { latentKey: word } : new Uint8Array(await fileFrom(word));
}

/** @param word `-`: standard input @throws FileError, UsageError */
export async function fileFrom(word: string): Promise<Buffer> {
  if (word === '-') {
    if (process.stdin.isTTY) throw new UsageError('- reads a file from standard input: send one there with < or |');
    return buffer(process.stdin);
  }
  try {
    return await readFile(word);
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : (error as Error).message;
    throw new FileError(`${word}: ${why}. Expected a file, or a latent's key (64 hex digits)`);
  }
}

/** A text where it is nothing else. @throws FileError for what looks like a file and is none */
export async function likenessFrom(word: string): Promise<Likeness> {
  if (isKey(word)) return { latentKey: word };
  const isFile = word === '-' || /\.(png|jpe?g|webp|safetensors|dklat)$/i.test(word) || /^[./~]/.test(word);
  return isFile ? { image: await pictureFrom(word) } : { text: word };
}
