/** What a dead worker has left on disk, looked at without it. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Log, LogLevel, Miniflare } from 'miniflare';
import { readSafetensors } from '../../models/checkpoint/safetensors.ts';
import { SourceStore } from '../../worker/approximate/source-store.ts';
import { SourceTexts } from '../../worker/approximate/source-texts.ts';
import { goOn, newRound } from '../../worker/keeper/round.ts';

const name = 'inspector';
const nobody = 'export default { fetch: () => new Response(null, { status: 404 }) }';
/** The index lies in objects of the worker, which is dead. */
const noIndex = { put: async () => {}, delete: async () => {}, nearest: async () => [] };
/** There is room for all of it. */
const evicts = () => Promise.reject(new Error('nothing is to be evicted'));
const nothing = { latent: evicts, encoding: evicts, picture: evicts, steps: evicts };
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

export class StateOnDisk {
  readonly #miniflare: Miniflare;
  readonly #db: D1Database;
  readonly #bucket: R2Bucket;

  private constructor(miniflare: Miniflare, db: D1Database, bucket: R2Bucket) {
    this.#miniflare = miniflare;
    this.#db = db;
    this.#bucket = bucket;
  }

  /** @param home as the worker was given it */
  static async open(home: string): Promise<StateOnDisk> {
    const miniflare = new Miniflare({
      host: '127.0.0.1',
      port: 0,
      cf: false,
      telemetry: { enabled: false },
      enableDevRegistry: false,
      log: new Log(LogLevel.NONE),
      resourcePersistencePath: join(home, 'state', 'edge'),
      workers: [
        {
          config: {
            name,
            compatibilityDate: '2026-10-30',
            manifest: { mainModule: 'index.js', modules: { 'index.js': { type: 'esm', contents: nobody } } },
            env: { DB: { type: 'd1', id: 'darkroom' }, BLOBS: { type: 'r2', name: 'darkroom' } },
          },
        },
      ],
    });
    await miniflare.ready;
    const db = (await miniflare.getD1Database('DB', name)) as unknown as D1Database;
    const bucket = (await miniflare.getR2Bucket('BLOBS', name)) as unknown as R2Bucket;
    return new StateOnDisk(miniflare, db, bucket);
  }

  close(): Promise<void> {
    return this.#miniflare.dispose();
  }

  /** The keeper's next round, for which nothing is too young. @returns how many orphans it has found */
  async sweep(): Promise<number> {
    const [db, bucket] = [this.#db, this.#bucket];
    const texts = new SourceTexts(noIndex, db);
    const sources = new SourceStore({ bucket, db, texts });
    const room = { cacheBytes: 10 ** 12, reuseBytes: 10 ** 12 };
    let round = newRound(new Date(Date.now() + 1_000));
    while (round.stage !== 'DONE')
      round = await goOn(round, { db, bucket, deletion: nothing, sources, texts, ...room });
    return round.orphans;
  }

  /**
   * Everything that is not as it should be.
   * @param digests what latents must be, by their keys; those that it lacks are added, to be the same the next time
   */
  async findings(digests: Map<string, string>): Promise<readonly string[]> {
    const found: string[] = [];
    const referred = new Set<string>();
    const bytesOf = async (file: string, owner: string) => {
      referred.add(file);
      const blob = await this.#bucket.get(file);
      if (blob === null) found.push(`${owner}: ${file} is gone`);
      return blob && new Uint8Array(await blob.arrayBuffer());
    };
    const latents = await this.#rows<LatentOnDisk>('latents');
    for (const { key, digest, latent_blob, pixels_blob, vectors_blob } of latents) {
      const owner = `latent ${key.slice(0, 8)}`;
      // Which latents go on from others' steps is not known beforehand.
      if (!digests.has(key)) digests.set(key, digest);
      if (digests.get(key) !== digest) found.push(`${owner}: it says ${digest}, and should be ${digests.get(key)}`);
      const bytes = await bytesOf(latent_blob, owner);
      if (bytes && digestIn(bytes, 'latent') !== digest) found.push(`${owner}: its numbers are not its digest's`);
      if (vectors_blob !== '') await bytesOf(vectors_blob, owner);
      const pixels = pixels_blob === '' ? null : await bytesOf(pixels_blob, owner);
      if (pixels && !pixels_blob.includes(digestIn(pixels, 'pixels')!)) found.push(`${owner}: its pixels are others`);
    }
    for (const table of ['encodings', 'sources'] as const) {
      for (const { key, blob, digest } of await this.#rows<BlobOnDisk>(table)) {
        const bytes = await bytesOf(blob, `${table} ${key.slice(0, 8)}`);
        if (bytes && sha256(bytes) !== digest)
          found.push(`${table} ${key.slice(0, 8)}: it is not what its digest says`);
      }
    }
    const keys = new Set(latents.map(({ key }) => key));
    const sources = await this.#rows<SourceOnDisk>('sources');
    const ofSources = new Set(sources.map(({ text }) => text));
    const texts = new Set((await this.#rows<{ readonly key: string }>('source_texts')).map(({ key }) => key));
    for (const { key, text } of sources) {
      if (!keys.has(key)) found.push(`sources ${key.slice(0, 8)}: there is no such latent`);
      if (!texts.has(text)) found.push(`sources ${key.slice(0, 8)}: its text has no row`);
    }
    for (const text of texts) {
      if (!ofSources.has(text)) found.push(`source_texts ${text.slice(0, 8)}: no source has it`);
    }
    for (const prefix of ['latents/', 'pixels/', 'encodings/', 'steps/', 'images/', 'vectors/']) {
      for (const file of await this.#files(prefix)) {
        const [key] = /[0-9a-f]{64}/.exec(file) ?? [];
        if (prefix === 'images/' ? !keys.has(key!) : !referred.has(file)) found.push(`${file}: nothing refers to it`);
      }
    }
    return found;
  }

  /** How many latents there are. */
  async latents(): Promise<number> {
    return (await this.#rows('latents')).length;
  }

  async #rows<Row>(table: string): Promise<Row[]> {
    return (await this.#db.prepare(`SELECT * FROM ${table}`).all<Row>()).results;
  }

  async #files(prefix: string): Promise<string[]> {
    const names: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await this.#bucket.list({ prefix, ...(cursor && { cursor }) });
      names.push(...page.objects.map(({ key }) => key));
      if (!page.truncated) return names;
      cursor = page.cursor;
    }
  }
}

interface LatentOnDisk {
  readonly key: string;
  readonly digest: string;
  readonly latent_blob: string;
  readonly pixels_blob: string;
  readonly vectors_blob: string;
}

interface BlobOnDisk {
  readonly key: string;
  readonly blob: string;
  readonly digest: string;
}

interface SourceOnDisk {
  readonly key: string;
  readonly text: string;
}

/** Of a tensor's numbers; null where there is no such tensor. */
function digestIn(file: Uint8Array, tensor: string): string | null {
  try {
    const data = readSafetensors(file).get(tensor)?.data;
    return data ? sha256(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)) : null;
  } catch {
    return null;
  }
}
