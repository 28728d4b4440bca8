/**
 * A checkpoint's folder, wherever it is: on a disk, behind a URL, in a test's memory. Paths are relative to the folder,
 * with forward slashes: `unet/config.json`. Every method but `list` rejects when there is no such file.
 */
export interface CheckpointFiles {
  /** Paths of all files, in any order. */
  list(): Promise<readonly string[]>;
  /** In bytes. */
  size(path: string): Promise<number>;
  read(path: string): Promise<Uint8Array>;
  /** Bytes `[begin, end)`. */
  readRange(path: string, begin: number, end: number): Promise<Uint8Array>;
  /** SHA-256 of the whole file as lower-case hex. Handed in, because only the host can hash gigabytes as a stream. */
  sha256(path: string): Promise<string>;
}
