/** A checkpoint that is not what it should be: says which file, where in it, what was expected and what is there. */
export class CheckpointError extends Error {
  override readonly name = 'CheckpointError';
  /** Path inside the checkpoint's folder, e.g. `unet/config.json`. */
  readonly file: string;
  /** A config's key or a tensor's name; null when it is about the whole file. */
  readonly key: string | null;
  readonly expected: string;
  readonly found: string;

  constructor(file: string, key: string | null, expected: string, found: string) {
    super(`${file}${key === null ? '' : `: ${key}`}: expected ${expected}, found ${found}`);
    this.file = file;
    this.key = key;
    this.expected = expected;
    this.found = found;
  }
}
