import type { Checkpoint } from './folder.ts';

/**
 * What a checkpoint is, as one SHA-256 in lower-case hex: over every file that it is made of and that was read: index,
 * configs, tokenizer, weights, and where there are any Darkroom's own parts (defaults, vocabulary, preview,
 * embedder, discriminator). Not over the folder's name, nor over files that nothing reads (a README, weights of another format).
 *
 * Hashed is the list `<sha256 of the file> <path>\n`, sorted by path: files hash side by side, each as a stream.
 */
export async function checkpointDigest({ files, contents }: Checkpoint): Promise<string> {
  const lines = await Promise.all(contents.map(async path => `${await files.sha256(path)} ${path}\n`));
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(lines.join('')));
  return Array.from(new Uint8Array(digest), byte => byte.toString(16).padStart(2, '0')).join('');
}
