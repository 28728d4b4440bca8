/** Where files really are. */
export interface LocatedFiles {
  /** An absolute path on the host, of a folder that all of them are in. */
  readonly root: string;
  /** Path inside the checkpoint's folder → path inside `root`. */
  readonly names: ReadonlyMap<string, string>;
}

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
  /**
   * Where a runtime of this host finds files that one session maps, if not by their paths: links may lead elsewhere. Null,
   * or no such method: by their paths.
   */
  locate?(paths: readonly string[]): Promise<LocatedFiles | null>;
  /** SHA-256 of the whole file as lower-case hex. Handed in, because only the host can hash gigabytes as a stream. */
  sha256(path: string): Promise<string>;
}
