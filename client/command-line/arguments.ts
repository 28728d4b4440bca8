/** What stands for a picture on the command line: a file, standard input, or a latent that the server has. */
import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { isJpeg } from '../../worker/images/jpeg-file.ts';
import { isPng } from '../../worker/images/png-file.ts';
import { isWebp } from '../../worker/images/webp-file.ts';
import { isLatentFile } from '../../worker/latents/latent-upload.ts';
import type { Likeness, Picture } from '../sdk/index.ts';
import { FileError, UsageError } from './troubles.ts';

export function isKey(word: string): boolean {
  return /^[0-9a-f]{64}$/.test(word);
}

/** @throws FileError where it is neither a key nor the file of a picture or a latent; UsageError */
export async function pictureFrom(word: string): Promise<Picture> {
  return isKey(word) ? { latentKey: word } : fileFrom(word);
}

/**
 * The file of a picture or a latent, as its first bytes say: what it holds is the server's to judge, but that does not know
 * its name.
 *
 * @param word `-`: standard input
 * @param expected what is told of another file
 * @throws FileError, UsageError
 */
export async function fileFrom(
  word: string,
  expected = 'a picture (PNG, JPEG or WebP), a latent (.safetensors or .dklat) or its key (64 hex digits)',
): Promise<Uint8Array<ArrayBuffer>> {
  const file = new Uint8Array(await contentOf(word));
  if ([isPng, isJpeg, isWebp, isLatentFile].some(is => is(file))) return file;
  const name = word === '-' ? 'Standard input' : word;
  throw new FileError(`${name} ${file.length === 0 ? 'is empty' : 'is something else'}: expected ${expected}`);
}

async function contentOf(word: string): Promise<Buffer> {
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
