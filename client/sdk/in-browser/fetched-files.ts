import type { CheckpointFiles } from '../../../models/checkpoint/files.ts';
import { UnsupportedError } from '../../../models/unsupported.ts';
import { ProtocolError } from '../errors.ts';
import { retrying } from '../retry.ts';
import { fetchBytes } from './fetch-bytes.ts';
import { KeptFiles } from './kept-files.ts';
import type { OnProgress } from './progress.ts';

/** A file of a checkpoint, and where it is to be had. */
export interface RemoteFile {
  /** Path inside the checkpoint's folder. */
  readonly path: string;
  readonly url: string;
  /** Null where nobody has said. */
  readonly bytes: number | null;
}

export interface RemoteFolder {
  /** The checkpoint's: under it, a path has the same bytes for ever. Null: they are not kept. */
  readonly digest: string | null;
  readonly files: readonly RemoteFile[];
}

export interface FetchedFilesOptions {
  readonly fetch?: typeof fetch | undefined;
  readonly onProgress?: OnProgress | undefined;
  /** How long to go on trying when the server is away, or has no backend yet, in milliseconds. Default: a minute. */
  readonly patienceMs?: number | undefined;
  /** Ends `readAll`. What is read again later, because it was forgotten, is nothing to it. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * A checkpoint's folder behind addresses. A file is fetched when it is first read, in one piece, and stays in memory until
 * it is forgotten; where the browser keeps files, it is fetched once in a lifetime.
 */
export class FetchedFiles implements CheckpointFiles {
  readonly #folder: RemoteFolder;
  readonly #options: FetchedFilesOptions;
  readonly #files: ReadonlyMap<string, RemoteFile>;
  readonly #reading = new Map<string, Promise<Uint8Array<ArrayBuffer>>>();
  readonly #counted = new Map<string, number>();
  #kept: Promise<KeptFiles> | null = null;
  #signal: AbortSignal | undefined;

  constructor(folder: RemoteFolder, options: FetchedFilesOptions = {}) {
    this.#folder = folder;
    this.#options = options;
    this.#files = new Map(folder.files.map(file => [file.path, file]));
  }

  async list(): Promise<readonly string[]> {
    return [...this.#files.keys()];
  }

  async size(path: string): Promise<number> {
    return this.#file(path).bytes ?? (await this.read(path)).byteLength;
  }

  read(path: string): Promise<Uint8Array<ArrayBuffer>> {
    let reading = this.#reading.get(path);
    if (!reading) {
      reading = this.#read(this.#file(path));
      this.#reading.set(path, reading);
      reading.catch(() => this.#reading.delete(path));
    }
    return reading;
  }

  async readRange(path: string, begin: number, end: number): Promise<Uint8Array> {
    return (await this.read(path)).subarray(begin, end);
  }

  async sha256(path: string): Promise<string> {
    if (!crypto.subtle) throw new UnsupportedError('hashing files', 'a page that came over HTTPS or from this machine');
    const digest = await crypto.subtle.digest('SHA-256', await this.read(path));
    return Array.from(new Uint8Array(digest), byte => byte.toString(16).padStart(2, '0')).join('');
  }

  /** Fetches all of it now, so that nothing is missing later. Where one file fails, the others are given up. */
  async readAll(): Promise<void> {
    const { signal } = this.#options;
    const failed = new AbortController();
    this.#signal = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal;
    try {
      await Promise.all([...this.#files.keys()].map(path => this.read(path)));
    } finally {
      failed.abort(new Error('another file could not be fetched'));
      this.#signal = undefined;
    }
  }

  /** Frees what a file takes in memory; who reads it again has it fetched again. */
  forget(path: string): void {
    this.#reading.delete(path);
  }

  #file(path: string): RemoteFile {
    const file = this.#files.get(path);
    if (!file) throw new ProtocolError(`There is no ${path} in this checkpoint's folder`, 404);
    return file;
  }

  async #read({ path, url, bytes }: RemoteFile): Promise<Uint8Array<ArrayBuffer>> {
    const { fetch = (input, init) => globalThis.fetch(input, init) } = this.#options;
    const signal = this.#signal;
    signal?.throwIfAborted();
    const name = this.#folder.digest && `${this.#folder.digest}/${path}`;
    this.#kept ??= KeptFiles.open();
    const kept = name === null ? null : await (await this.#kept).get(name, bytes);
    if (kept) {
      this.#count(path, kept.byteLength);
      return kept;
    }
    const attempt = () => {
      let fetched = 0;
      const onPiece = (piece: number) => {
        fetched += piece;
        this.#count(path, fetched);
      };
      return fetchBytes(url, { fetch, bytes, onPiece, signal });
    };
    const { patienceMs = 60_000 } = this.#options;
    const file = await retrying(attempt, { patienceMs, repeatable: true, signal });
    if (name !== null) await (await this.#kept).put(name, file);
    return file;
  }

  /** A file that is read a second time does not count twice. */
  #count(path: string, bytes: number): void {
    this.#counted.set(path, Math.max(bytes, this.#counted.get(path) ?? 0));
    const total = this.#folder.files.reduce((sum, file) => sum + (file.bytes ?? 0), 0);
    const fetched = [...this.#counted.values()].reduce((sum, each) => sum + each, 0);
    this.#options.onProgress?.({ fetched, total });
  }
}
