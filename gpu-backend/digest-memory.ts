import { stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { CheckpointError } from '../models/checkpoint/error.ts';
import type { CheckpointFiles } from '../models/checkpoint/files.ts';

/** The SHA-256 of a file, and what the file system said of it then. Numbers that may be beyond 2^53 are decimal texts. */
export interface KnownDigest {
  readonly size: string;
  /** Nanoseconds: when its contents were last written. */
  readonly modified: string;
  /** Nanoseconds: when anything about it was last changed; nobody can set this one back. */
  readonly changed: string;
  readonly inode: string;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** By the absolute paths of files. */
export type KnownDigests = Readonly<Record<string, KnownDigest>>;

/** Computes the digest of a file once, and again when anything about the file has changed. */
export class DigestMemory {
  readonly #known: Map<string, KnownDigest>;
  /** Files whose digest was asked for, as they were then. */
  readonly #asked = new Map<string, Stamp>();
  /** Of how many files the digest was computed, and of how many it was known from before. */
  readonly counts = { computed: 0, known: 0 };

  constructor(known: KnownDigests = {}) {
    this.#known = new Map(Object.entries(known));
  }

  get digests(): KnownDigests {
    return Object.fromEntries(this.#known);
  }

  /** The same files, with `sha256` from memory where it is there. @param folder an absolute path */
  over(folder: string, files: CheckpointFiles): CheckpointFiles {
    return { ...files, sha256: path => this.#sha256(join(folder, path), () => files.sha256(path)) };
  }

  /**
   * Looks whether the files of a part of a folder are still those whose digest was told: a session may be created long
   * after that.
   * @throws CheckpointError naming the file that is another one
   */
  async expectUnchanged(folder: string, part: string): Promise<void> {
    for (const [file, then] of this.#asked) {
      if (!file.startsWith(join(folder, part) + sep)) continue;
      const now = await stamp(file).catch(() => null);
      // That its permissions or names have changed is no reason to stop; only that its contents were written.
      if (now && isSame({ ...now, changed: then.changed }, then)) continue;
      const found = now ? 'one that was changed since: start the backend again' : 'none';
      throw new CheckpointError(file.slice(folder.length + 1), null, 'the file that was there at the start', found);
    }
  }

  async #sha256(file: string, compute: () => Promise<string>): Promise<string> {
    const before = await stamp(file);
    const isFirst = !this.#asked.has(file);
    this.#asked.set(file, before);
    const known = this.#known.get(file);
    if (known && isSame(known, before)) {
      if (isFirst) this.counts.known++;
      return known.sha256;
    }
    this.counts.computed++;
    const sha256 = await compute();
    // Written meanwhile: it is the digest of neither what it was nor what it is.
    if (isSame(await stamp(file), before)) this.#known.set(file, { ...before, sha256 });
    return sha256;
  }
}

type Stamp = Omit<KnownDigest, 'sha256'>;

async function stamp(file: string): Promise<Stamp> {
  const { size, mtimeNs, ctimeNs, ino } = await stat(file, { bigint: true });
  return { size: `${size}`, modified: `${mtimeNs}`, changed: `${ctimeNs}`, inode: `${ino}` };
}

function isSame(a: Stamp, b: Stamp): boolean {
  return a.size === b.size && a.modified === b.modified && a.changed === b.changed && a.inode === b.inode;
}
