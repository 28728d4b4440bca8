import { DurableObject } from 'cloudflare:workers';
import { readConfiguration } from '../configuration.ts';
import { createDeletion } from '../deletion/create.ts';
import { evict } from './evict.ts';
import { sweep } from './sweep.ts';

const everyMs = 60 * 60_000;
/** Nobody takes so long from a file to its row: an alarm, which makes an image, ends after 15 minutes. */
const youngMs = 60 * 60_000;
/** So that not every round has something to evict. */
const fullness = 0.9;

/** One for all: every hour it deletes what a crash has left, and makes room where there is too much. */
export class CacheKeeper extends DurableObject<Env> {
  /** Sees to it that there is a next round. */
  async wake(): Promise<void> {
    if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(Date.now() + everyMs);
  }

  override async alarm(): Promise<void> {
    await this.ctx.storage.setAlarm(Date.now() + everyMs);
    const { DB: db, BLOBS: bucket } = this.env;
    const { cacheBytes } = readConfiguration({ ...this.env });
    const { orphans, bytes } = await sweep(bucket, db, new Date(Date.now() - youngMs));
    const tooMuch = bytes > cacheBytes ? bytes - cacheBytes * fullness : 0;
    const evicted = await evict({ db, bucket, deletion: createDeletion(this.env) }, tooMuch);
    console.log(JSON.stringify({ level: 'info', where: 'cache', event: 'round', bytes, orphans, evicted }));
  }
}
