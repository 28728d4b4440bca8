/** Files of a checkpoint that browsers are handed out: those that its card lists, and nothing else on the disk. */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { decoderSlice, decoderWeights } from '../models/checkpoint/browser-files.ts';
import { type Checkpoint, openCheckpoint } from '../models/checkpoint/folder.ts';
import type { WeightSlice } from '../models/checkpoint/slice.ts';
import { browserFilesOf, type CheckpointCard } from '../wire/card.ts';
import { checkpointFiles } from './checkpoint-files.ts';
import { DigestMemory, type KnownDigests } from './digest-memory.ts';
import { RequestRefused } from './refusal.ts';

export interface OpenedFile {
  readonly bytes: number;
  /** Opens it; nothing is read that nobody takes. */
  read(): Readable;
}

export class BrowserFiles {
  readonly #folder: string;
  readonly #card: CheckpointCard;
  readonly #known: KnownDigests;
  readonly #digests: DigestMemory;
  #checkpoint: Promise<Checkpoint> | null = null;

  /**
   * @param folder the checkpoint's, an absolute path
   * @param known the digests that its card was made with: files that look the same are not read to find out
   */
  constructor(folder: string, card: CheckpointCard, known: KnownDigests) {
    this.#folder = folder;
    this.#card = card;
    this.#known = known;
    this.#digests = new DigestMemory(known);
  }

  /**
   * @returns null for a path that the card does not list
   * @throws RequestRefused `checkpoint_unknown` when the file is another one than the card was made of
   */
  async open(path: string): Promise<OpenedFile | null> {
    const listed = browserFilesOf(this.#card).find(file => file.path === path);
    if (!listed) return null;
    try {
      if (path === decoderWeights) return await this.#decoder(listed.bytes);
      if (listed.sha256 !== (await this.#sha256(path))) throw changed(path);
    } catch (error) {
      // What was there when the backend started is gone, or is no checkpoint any more.
      throw error instanceof RequestRefused ? error : changed(path);
    }
    return { bytes: listed.bytes, read: () => createReadStream(join(this.#folder, path)) };
  }

  async #decoder(bytes: number): Promise<OpenedFile> {
    const { vae } = await this.#opened();
    for (const file of vae.weights.files) {
      if (this.#known[join(this.#folder, file)]?.sha256 !== (await this.#sha256(file))) throw changed(file);
    }
    const slice = decoderSlice(vae);
    if (slice.bytes !== bytes) throw changed(decoderWeights);
    return { bytes, read: () => Readable.from(this.#pieces(slice)) };
  }

  async *#pieces({ header, ranges }: WeightSlice): AsyncGenerator<Uint8Array> {
    yield header;
    for (const { file, begin, end } of ranges) {
      yield* createReadStream(join(this.#folder, file), { start: begin, end: end - 1 });
    }
  }

  #opened(): Promise<Checkpoint> {
    this.#checkpoint ??= openCheckpoint(checkpointFiles(this.#folder));
    this.#checkpoint.catch(() => {
      this.#checkpoint = null;
    });
    return this.#checkpoint;
  }

  #sha256(path: string): Promise<string> {
    return this.#digests.over(this.#folder, checkpointFiles(this.#folder)).sha256(path);
  }
}

function changed(path: string): RequestRefused {
  return new RequestRefused('checkpoint_unknown', `${path} was changed since the backend started`);
}
