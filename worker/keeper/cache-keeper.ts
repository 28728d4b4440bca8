import { DurableObject } from 'cloudflare:workers';
import { createApproximate } from '../approximate/create.ts';
import { readConfiguration } from '../configuration.ts';
import { createDeletion } from '../deletion/create.ts';
import { GenerationRows } from '../generations/generation-rows.ts';
import { forgetOld } from './retention.ts';
import { goOn, newRound, type Round } from './round.ts';

const everyMs = 60 * 60_000;
/** Nobody takes so long from a file to its row: an alarm, which makes an image, ends after 15 minutes. */
const youngMs = 60 * 60_000;
/** Generations, in one portion. */
const deletedAtOnce = 50;

/** One for all: every hour it deletes what is too old and what a crash has left, and makes room where there is too much. */
export class CacheKeeper extends DurableObject<Env> {
  /** Sees to it that there is a next round. */
  async wake(): Promise<void> {
    if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(Date.now() + everyMs);
  }

  /** A portion of a round; what is known between two is on disk, so that a crash loses no more than one. */
  override async alarm(): Promise<void> {
    await this.ctx.storage.setAlarm(Date.now() + everyMs);
    if ((await this.#forgetOld()) === deletedAtOnce) {
      await this.ctx.storage.setAlarm(Date.now());
      return;
    }
    const begun = await this.ctx.storage.get<Round>('round');
    const round = await this.#portion(begun ?? newRound(new Date(Date.now() - youngMs)));
    if (round.stage !== 'DONE') {
      await this.ctx.storage.put('round', round);
      await this.ctx.storage.setAlarm(Date.now());
      return;
    }
    await this.ctx.storage.delete('round');
    const { bytes, orphans, evicted } = round;
    console.log(JSON.stringify({ level: 'info', where: 'cache', event: 'round', bytes, orphans, evicted }));
  }

  #forgetOld(): Promise<number> {
    const { retentionMs } = readConfiguration({ ...this.env });
    const rows = new GenerationRows(this.env.DB);
    const deletion = createDeletion(this.env);
    return forgetOld({ rows, objects: this.env.GENERATIONS, deletion, retentionMs }, new Date(), deletedAtOnce);
  }

  #portion(round: Round): Promise<Round> {
    const { DB: db, BLOBS: bucket } = this.env;
    const { cacheBytes, reuseBytes } = readConfiguration({ ...this.env });
    const { sources, texts } = createApproximate(this.env);
    const deletion = createDeletion(this.env);
    return goOn(round, { db, bucket, deletion, sources, texts, cacheBytes, reuseBytes });
  }
}
