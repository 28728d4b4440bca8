/** Waits for the state folder. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Holder, holderOf } from '../../../scripts/start/lock.ts';
import { NoServerError } from '../troubles.ts';
import { troubleWith } from './probe.ts';

export interface FreedOptions {
  readonly note: (text: string) => void;
  readonly signal: AbortSignal;
  /** Default: a start may take a minute, and who stops does so within some seconds. */
  readonly patience?: Patience;
}

/** How long who holds the folder may be silent, in milliseconds. */
export interface Patience {
  readonly whileItStartsMs: number;
  readonly onceItSaidWhereMs: number;
}

const usualPatience: Patience = { whileItStartsMs: 60_000, onceItSaidWhereMs: 10_000 };
/** Between two questions whether it still answers, in milliseconds. */
const asksEachMs = 1000;

/**
 * Waits until the folder is free, or is held by who answers and stays.
 * @returns the latter; null where it is free
 * @throws NoServerError where who holds it does not answer; the signal's reason
 */
export async function freed(
  home: string,
  { note, signal, patience = usualPatience }: FreedOptions,
): Promise<(Holder & { readonly url: string }) | null> {
  let told = false;
  let last = '';
  let heardAt = 0;
  let askAt = 0;
  for (;;) {
    const holder = await holderOf(home);
    if (!holder) return null;
    const { pid, url, passing } = holder;
    const who = JSON.stringify(holder);
    if (who !== last) [last, heardAt, askAt] = [who, performance.now(), 0];
    if (url && performance.now() >= askAt) {
      if ((await troubleWith(url, signal)) === null) {
        if (!passing) return { ...holder, url };
        heardAt = performance.now();
      }
      askAt = performance.now() + asksEachMs;
    }
    const patient = url ? patience.onceItSaidWhereMs : patience.whileItStartsMs;
    if (performance.now() - heardAt > patient) {
      throw new NoServerError(
        `${home} is held by process ${pid}, which ${url ? `does not answer at ${url}` : 'does not say where it answers'}. ` +
          `Stop it, name its address with --url, or name another folder with DARKROOM_HOME. If process ${pid} is no Darkroom, ` +
          'one that was killed has left its mark: remove the file "running" there',
      );
    }
    if (!told) note(`Waiting for process ${pid}, which works in ${home}`);
    told = true;
    await sleep(50, null, { signal }).catch(() => {});
    signal.throwIfAborted();
  }
}
