import { beforeEach, describe, expect, it, vi } from 'vitest';
import { memoryD1, memoryR2 } from '../../test/edge/in-memory.ts';
import { LentNoise } from '../approximate/lent-noise.ts';
import { SourceStore } from '../approximate/source-store.ts';
import { placedText, SourceTexts } from '../approximate/source-texts.ts';
import { Deletion } from '../deletion/deletion.ts';
import { Uses } from '../deletion/uses.ts';
import { EncodingStore } from '../encodings/encoding-store.ts';
import { LatentStore } from '../latents/latent-store.ts';
import type { RemovedLatent } from '../similarity/latent-index.ts';
import { VectorizeDouble } from '../similarity/testing/vectorize-double.ts';
import { VectorFiles } from '../similarity/vector-files.ts';
import { VectorizeIndex } from '../similarity/vectorize-index.ts';
import { evict } from './evict.ts';
import { goOn, newRound, type Round, type RoundOptions } from './round.ts';
import { sweep } from './sweep.ts';

const keyOf = (number: number) => number.toString(16).padStart(64, '0');
const later = () => new Date(Date.now() + 1);

async function house() {
  const { bucket, blobs } = memoryR2();
  const db = await memoryD1();
  const files = new VectorFiles(bucket, db);
  const index = new VectorizeIndex(new VectorizeDouble(8), async () => null);
  const texts = new SourceTexts(index, db);
  const sources = new SourceStore({ bucket, db, texts });
  const vectors = { remove: ({ vectorsBlob }: RemovedLatent) => files.drop(vectorsBlob) };
  const deletion = new Deletion({ db, bucket, vectors, sources });
  /** Everything that is stored with an image, in the order in which it is. */
  const store = async (number: number, disk = bucket, rows = db) => {
    const key = keyOf(number);
    const data = Float32Array.of(number, 1, 2, 3);
    await new EncodingStore(disk, rows).keep(keyOf(1_000 + number), { prompt_embeds: { data, dims: [1, 4] } });
    const vectorsBlob = await new VectorFiles(disk, rows).put(key, { prompt: data, embedding: null });
    await new LatentStore(disk, rows).save({
      key,
      latent: { data, dims: [1, 2, 2] },
      pixels: { data: new Uint8Array(12).fill(number), width: 2, height: 2 },
      checkpointDigest: 'c'.repeat(64),
      vectorsBlob,
    });
    const text = (await placedText('c'.repeat(64), [[number]], { prompt: data, embedding: null }))!;
    const run = { key, scope: 's', seed: number, text, tensors: { at_2: { data, dims: [1, 1, 2, 2] } } };
    await new SourceStore({ bucket: disk, db: rows, texts: new SourceTexts(index, rows) }).keep(run);
  };
  const generation = async (id: string, ...numbers: number[]) => {
    await db
      .prepare("INSERT INTO generations (id, created_at, status, state) VALUES (?, '', 'SUCCEEDED', '{}')")
      .bind(id)
      .run();
    for (const number of numbers) {
      expect(await new Uses(db).holdImage(id, keyOf(number), [keyOf(1_000 + number)])).toBe(true);
    }
  };
  const latents = new LatentStore(bucket, db);
  const options = { db, bucket, deletion, sources, texts, cacheBytes: 10 ** 9, reuseBytes: 10 ** 9 };
  return { bucket, blobs, db, deletion, store, generation, latents, options };
}

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => {});
});

/** Lets so many writes through; from then on the process is dead. */
function dying(bucket: R2Bucket, db: D1Database, writes: number): [R2Bucket, D1Database] {
  let left = writes;
  const spend = () => {
    if (left-- <= 0) throw new Error('killed');
  };
  const statement = (of: D1PreparedStatement): D1PreparedStatement => ({
    ...of,
    bind: (...values) => statement(of.bind(...values)),
    run: async () => {
      spend();
      return of.run();
    },
  });
  const disk: R2Bucket = {
    ...bucket,
    put: async (...given) => {
      spend();
      return bucket.put(...given);
    },
  };
  const batch: D1Database['batch'] = async statements => {
    spend();
    return db.batch(statements);
  };
  return [disk, { ...db, prepare: sql => statement(db.prepare(sql)), batch }];
}

describe('sweep', () => {
  it('finds whatever a process has left that was killed at any moment of storing', async () => {
    let survived = 0;
    for (let writes = 0; survived === 0; writes++) {
      const { bucket, blobs, db, store, latents, options } = await house();
      const done = await store(7, ...dying(bucket, db, writes)).then(
        () => true,
        () => false,
      );
      const kept = await latents.intact(keyOf(7));
      // All of it or nothing.
      expect(kept === null || kept.hasPixels).toBe(true);
      if (done) survived = writes;
      await rounds(options);
      const left = [...blobs.keys()].map(name => name.split('/')[0]).sort();
      const runs = (await db.prepare('SELECT key FROM sources').all()).results.length;
      if (kept) expect(left).toEqual(['encodings', 'latents', 'pixels', ...(runs ? ['steps'] : []), 'vectors']);
      else expect(left.filter(folder => folder !== 'encodings')).toEqual([]);
      expect((await db.prepare('SELECT key FROM source_texts').all()).results).toHaveLength(runs);
      // What was killed can be stored.
      await store(7);
      expect(await db.prepare('SELECT text FROM sources').first()).not.toBeNull();
      expect(await latents.intact(keyOf(7))).toMatchObject({ hasPixels: true });
    }
    expect(survived).toBe(8);
  });

  it('deletes what browsers run a checkpoint with once no backend has had it for a week, and never counts it', async () => {
    const { bucket, blobs, db } = await house();
    const ago = (days: number) => new Date(Date.now() - days * 24 * 60 * 60_000).toISOString();
    const checkpoints: [digest: string, position: number | null, seenAt: string][] = [
      ['a'.repeat(64), 0, ago(30)],
      ['b'.repeat(64), null, ago(6)],
      ['c'.repeat(64), null, ago(8)],
    ];
    for (const [digest, position, seenAt] of checkpoints) {
      const row = db.prepare("INSERT INTO checkpoints (digest, name, position, seen_at) VALUES (?, 'x', ?, ?)");
      await row.bind(digest, position, seenAt).run();
      await bucket.put(`checkpoints/${digest}/vae/config.json`, '{}');
    }
    await bucket.put(`checkpoints/${'d'.repeat(64)}/vae/config.json`, '{}');
    expect(await sweep(bucket, db, later())).toEqual({ orphans: 2, bytes: 0, next: null });
    expect([...blobs.keys()].map(name => name.split('/')[1]![0]).sort()).toEqual(['a', 'b']);
  });

  it('leaves alone what is young, for its row may be on its way', async () => {
    const { bucket, blobs, db } = await house();
    await bucket.put('latents/orphan', 'x');
    expect(await sweep(bucket, db, new Date(Date.now() - 60_000))).toEqual({ orphans: 0, bytes: 1, next: null });
    expect(await sweep(bucket, db, later())).toEqual({ orphans: 1, bytes: 0, next: null });
    expect(blobs.size).toBe(0);
  });

  it('never takes for an orphan what is stored anew while it looks', async () => {
    const { bucket, db, store } = await house();
    const files = new VectorFiles(bucket, db);
    const vectors = { prompt: Float32Array.of(7, 1, 2, 3), embedding: null };
    const orphan = await files.put(keyOf(7), vectors);
    let isStored = false;
    const list: R2Bucket['list'] = async given => {
      const page = await bucket.list(given);
      if (given.prefix === 'vectors/latents/' && !isStored) {
        isStored = true;
        await store(7);
      }
      return page;
    };
    await sweep({ ...bucket, list }, db, later());
    expect(await files.ofLatent(keyOf(7))).toEqual(vectors);
    expect((await files.read(orphan)).prompt).toBeNull();
  });

  it('turns every page', async () => {
    const { bucket, blobs, db, store } = await house();
    for (let i = 0; i < 5; i++) {
      await store(i);
      await bucket.put(`pixels/${i}`, 'orphan');
    }
    const { orphans, bytes } = await sweep(bucket, db, later());
    expect(orphans).toBe(5);
    expect(blobs.size).toBe(25);
    expect(bytes).toBe([...blobs.values()].reduce((sum, { byteLength }) => sum + byteLength, 0));
  });
});

/** Rounds of portions, to the end. */
async function rounds(options: RoundOptions, before = later()): Promise<Round> {
  let round = newRound(before);
  for (let portions = 0; round.stage !== 'DONE'; portions++) {
    // What is known in between is on disk.
    round = JSON.parse(JSON.stringify(await goOn(round, options)));
    expect(portions).toBeLessThan(50);
  }
  return round;
}

describe('a round', () => {
  it('goes on page by page to the same end as all at once', async () => {
    const { bucket, db, store, options, blobs } = await house();
    for (let i = 0; i < 20; i++) {
      await store(i);
      await bucket.put(`steps/${i}`, 'orphan');
    }
    const lists: string[] = [];
    const list: R2Bucket['list'] = given => {
      lists.push(given.prefix);
      return bucket.list(given);
    };
    const first = await goOn(newRound(later()), { ...options, bucket: { ...bucket, list } });
    expect([first.stage, lists.length]).toEqual(['SWEEP', 10]);
    const round = await rounds(options);
    expect(round).toMatchObject({ orphans: 20, evicted: 0 });
    expect(round.bytes).toBe([...blobs.values()].reduce((sum, { byteLength }) => sum + byteLength, 0));
    expect((await db.prepare('SELECT key FROM sources').all()).results).toHaveLength(20);
  });

  it('makes room for steps of their own, those first that were not used for longest, and counts them with all else', async () => {
    const { db, store, generation, options, latents } = await house();
    for (let i = 0; i < 5; i++) await store(i);
    await generation('one', 0, 1, 2, 3, 4);
    await db.prepare("UPDATE sources SET used_at = '2026-01-0' || (CAST(substr(key, -1) AS INTEGER) + 1)").run();
    const { bytes } = (await db.prepare('SELECT bytes FROM sources').first<{ bytes: number }>())!;
    const left = async () => {
      const { results } = await db.prepare('SELECT seed FROM sources ORDER BY seed').all<{ seed: number }>();
      return results.map(({ seed }) => seed);
    };
    expect(await rounds({ ...options, reuseBytes: 5 * bytes })).toMatchObject({ evicted: 0 });
    expect(await rounds({ ...options, reuseBytes: 4 * bytes })).toMatchObject({ evicted: 2 });
    expect(await left()).toEqual([2, 3, 4]);
    expect(await rounds({ ...options, cacheBytes: 1 })).toMatchObject({ stage: 'DONE' });
    expect(await left()).toEqual([]);
    expect(await db.prepare('SELECT key FROM source_texts').first()).toBeNull();
    for (let i = 0; i < 5; i++) expect(await latents.intact(keyOf(i))).toMatchObject({ hasPixels: true });
  });

  it('makes all the room for steps that it has begun to make, in however many portions', async () => {
    const { db, bucket, options } = await house();
    const row = db.prepare(
      `INSERT INTO sources (key, scope, text, seed, blob, digest, bytes, used_at) VALUES (?, 's', 't', 0, ?, '', 1, '')`,
    );
    await db.batch(Array.from({ length: 300 }, (_, i) => row.bind(keyOf(i), `steps/${i}`)));
    let round: Round = { ...newRound(later()), stage: 'STEPS' };
    // After the first portion there is no longer too much.
    while (round.stage !== 'EVICT') round = await goOn(round, { ...options, bucket, reuseBytes: 100 });
    expect(round.evicted).toBe(210);
    expect((await db.prepare('SELECT key FROM sources').all()).results).toHaveLength(90);
  });

  it('finds rows whose latent or generation is gone', async () => {
    const { db, store, options, generation } = await house();
    await store(1);
    await generation('one');
    await new LentNoise(db).lend({ scope: 's', text: 't', generationId: 'one' }, [1]);
    expect((await rounds(options)).orphans).toBe(0);
    await db.prepare('DELETE FROM latents').run();
    await db.prepare('DELETE FROM generations').run();
    await rounds(options);
    for (const table of ['sources', 'source_texts', 'lent_noise']) {
      expect(await db.prepare(`SELECT * FROM ${table}`).first()).toBeNull();
    }
  });
});

describe('evict', () => {
  it('begins with what was not used for longest, pictures before latents, and spares what generations hold', async () => {
    const { bucket, blobs, db, deletion, store, generation, latents } = await house();
    for (let i = 0; i < 3; i++) await store(i);
    await generation('one', 2);
    await db.prepare("UPDATE latents SET used_at = '2026-01-0' || (CAST(substr(key, -1) AS INTEGER) + 1)").run();
    const stores = { db, bucket, deletion };
    expect(await evict(stores, 1)).toEqual({ entries: 1, left: expect.any(Number), isDone: true });
    expect(await latents.find(keyOf(0))).toMatchObject({ isDecoded: false });
    await evict(stores, 1);
    expect(await latents.find(keyOf(0))).toBeNull();
    expect(await latents.find(keyOf(1))).toMatchObject({ isDecoded: true });

    await evict(stores, 10 ** 9);
    expect(await latents.intact(keyOf(2))).toMatchObject({ hasPixels: true });
    expect([...blobs.keys()].map(name => name.split('/')[0]).sort()).toEqual(['latents', 'pixels', 'vectors']);
  });

  it('spares the picture of what a generation has come to hold meanwhile', async () => {
    const { bucket, db, deletion, store, generation, latents } = await house();
    await store(1);
    await db.prepare("UPDATE latents SET used_at = '2026-01-01'").run();
    const head: R2Bucket['head'] = async name => {
      if (name.startsWith('pixels/')) await generation('late', 1);
      return bucket.head(name);
    };
    expect(await evict({ db, bucket: { ...bucket, head }, deletion }, 1)).toMatchObject({ entries: 1 });
    expect(await latents.intact(keyOf(1))).toMatchObject({ hasPixels: true });
  });
});

describe('deleting', () => {
  it('leaves what others share, be it only the bytes', async () => {
    const { blobs, db, deletion, store, generation, latents } = await house();
    await store(1);
    await store(2);
    // The same bytes under another key.
    await latents.save({
      key: keyOf(3),
      latent: await latents.tensor(keyOf(1)),
      pixels: await latents.pixels(keyOf(1)),
      checkpointDigest: 'c'.repeat(64),
    });
    await generation('one', 1, 2);
    await generation('two', 2);
    expect(await deletion.latent(keyOf(2))).toBe('HELD');
    expect(await deletion.generation('one')).toBe(true);
    expect(await deletion.generation('one')).toBe(false);
    expect(await latents.find(keyOf(1))).toBeNull();
    expect(await latents.intact(keyOf(2))).not.toBeNull();
    expect(await latents.intact(keyOf(3))).toMatchObject({ hasPixels: true });

    await deletion.generation('two');
    expect(await deletion.latent(keyOf(3))).toBe('DELETED');
    expect(await deletion.latent(keyOf(3))).toBe('UNKNOWN');
    expect([...blobs.keys()]).toEqual([]);
    for (const table of ['latents', 'encodings', 'uses', 'generations', 'sources', 'source_texts']) {
      expect(await db.prepare(`SELECT * FROM ${table}`).first()).toBeNull();
    }
  });

  it('holds nothing for a generation that is gone, and no latent that is', async () => {
    const { db, deletion, store, generation } = await house();
    await store(1);
    await generation('one', 1);
    await deletion.generation('one');
    await store(1);
    expect(await new Uses(db).holdImage('one', keyOf(1), [])).toBe(false);
    await generation('two');
    expect(await new Uses(db).holdImage('two', keyOf(9), [])).toBe(false);
  });
});
