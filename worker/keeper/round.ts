/** A round of the keeper in portions: an alarm may not run for longer than 15 minutes, however much is stored. */
import { makeRoomForSteps } from '../approximate/make-room.ts';
import type { SourceStore } from '../approximate/source-store.ts';
import type { SourceTexts } from '../approximate/source-texts.ts';
import { tidySources } from '../approximate/tidy.ts';
import { type EvictionStores, evict } from './evict.ts';
import { type SweepPlace, sweep } from './sweep.ts';

/** What a portion does at most: a minute of work, even where every file takes a while. */
const pagesAtOnce = 10;
const entriesAtOnce = 200;
/** So that not every round has something to evict. */
const fullness = 0.9;

/** What is known between two portions. */
export interface Round {
  /** Files written later than this are left alone, as a number of milliseconds. */
  readonly before: number;
  readonly stage: 'SWEEP' | 'TIDY' | 'STEPS' | 'MORE_STEPS' | 'EVICT' | 'DONE';
  readonly place: SweepPlace | null;
  readonly orphans: number;
  /** Of all that is stored, so far as it was seen; while room is made, of what is too much. */
  readonly bytes: number;
  readonly tooMuch: number;
  readonly evicted: number;
}

export interface RoundOptions extends EvictionStores {
  readonly sources: Pick<SourceStore, 'forget'>;
  readonly texts: Pick<SourceTexts, 'forgetUnused'>;
  readonly cacheBytes: number;
  readonly reuseBytes: number;
}

export function newRound(before: Date): Round {
  const nothing = { orphans: 0, bytes: 0, tooMuch: 0, evicted: 0 };
  return { before: before.getTime(), stage: 'SWEEP', place: null, ...nothing };
}

/** The next portion. */
export async function goOn(round: Round, options: RoundOptions): Promise<Round> {
  const { db, bucket, cacheBytes, reuseBytes } = options;
  switch (round.stage) {
    case 'SWEEP': {
      const from = round.place ?? undefined;
      const { orphans, bytes, next } = await sweep(bucket, db, new Date(round.before), from, pagesAtOnce);
      const swept = { ...round, orphans: round.orphans + orphans, bytes: round.bytes + bytes, place: next };
      return next === null ? { ...swept, stage: 'TIDY' } : swept;
    }
    case 'TIDY': {
      const tidied = await tidySources(options, entriesAtOnce);
      return { ...round, orphans: round.orphans + tidied, ...(tidied === 0 && { stage: 'STEPS' }) };
    }
    case 'STEPS':
    case 'MORE_STEPS': {
      const until = reuseBytes * fullness;
      // What was begun is done to the end, though there is no longer too much.
      const above = round.stage === 'STEPS' ? reuseBytes : until;
      const { entries, bytes } = await makeRoomForSteps(options, { above, until }, entriesAtOnce);
      const left = round.bytes - bytes;
      const tooMuch = left > cacheBytes ? left - cacheBytes * fullness : 0;
      const made = { ...round, evicted: round.evicted + entries, bytes: left, tooMuch };
      return entries === entriesAtOnce ? { ...made, stage: 'MORE_STEPS' } : { ...made, stage: 'EVICT' };
    }
    case 'EVICT': {
      const { entries, left, isDone } = await evict(options, round.tooMuch, entriesAtOnce);
      return { ...round, evicted: round.evicted + entries, tooMuch: left, ...(isDone && { stage: 'DONE' }) };
    }
    case 'DONE':
      return round;
  }
}
