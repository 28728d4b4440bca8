import type { WeightBytes } from '../models/runtime.ts';

/** A job's hold on the sessions of its checkpoint, until it is over. */
export interface Hold {
  readonly checkpoint: string;
  readonly sessions: readonly WeightBytes[];
  /** At which tick it began: what was used before is not what it needs. */
  readonly began: number;
}

/** Milliseconds between two looks at whether a job that waits is still wanted. */
const patience = 50;

/**
 * The jobs of one thread as its memory sees them: what each of them holds, and which have to wait until others are over.
 *
 * Jobs run together only where all sessions of all their checkpoints could be in memory together. Then whatever one of
 * them still needs has room, in whatever order, and none can be stuck with half of what it needs.
 */
export class RunningJobs {
  readonly #fit: (sessions: readonly WeightBytes[]) => boolean;
  readonly #holds = new Set<Hold>();
  /** First come, first served: a job of a checkpoint that runs anyway does not overtake, or the first might wait for ever. */
  readonly #line: { readonly sessions: Hold['sessions']; readonly checkpoint: string; readonly begin: () => void }[] =
    [];
  #tick = 0;

  /** @param fit whether these sessions can be in memory together */
  constructor(fit: (sessions: readonly WeightBytes[]) => boolean) {
    this.#fit = fit;
  }

  /** Now, as what is used now is marked. */
  get now(): number {
    return this.#tick;
  }

  /** Whether a job runs that holds this checkpoint. */
  holds(checkpoint: string): boolean {
    return [...this.#holds].some(hold => hold.checkpoint === checkpoint);
  }

  /** Whether no job that runs can have used what was last used at this tick. */
  allBeganAfter(tick: number): boolean {
    return [...this.#holds].every(({ began }) => began > tick);
  }

  /** Without looking whether there is room. */
  beginAtOnce(checkpoint: string, sessions: readonly WeightBytes[]): Hold {
    const hold = { checkpoint, sessions, began: ++this.#tick };
    this.#holds.add(hold);
    return hold;
  }

  /**
   * Waits until the job can run beside those that run.
   * @param sessions all that the checkpoint may need
   * @param cancelled asked now and then while it waits
   * @returns null when it was cancelled
   */
  begin(checkpoint: string, sessions: readonly WeightBytes[], cancelled: () => boolean): Promise<Hold | null> {
    return new Promise(resolve => {
      const waiting = {
        checkpoint,
        sessions,
        begin: () => {
          clearInterval(timer);
          resolve(this.beginAtOnce(checkpoint, sessions));
        },
      };
      // A flag in shared memory is all that tells of it.
      const timer = setInterval(() => {
        if (!cancelled()) return;
        clearInterval(timer);
        this.#line.splice(this.#line.indexOf(waiting), 1);
        resolve(null);
        this.#admit();
      }, patience);
      this.#line.push(waiting);
      this.#admit();
    });
  }

  end(hold: Hold): void {
    this.#holds.delete(hold);
    this.#admit();
  }

  #admit(): void {
    while (this.#line.length > 0 && this.#hasRoomFor(this.#line[0]!)) this.#line.shift()!.begin();
  }

  #hasRoomFor({ checkpoint, sessions }: Pick<Hold, 'checkpoint' | 'sessions'>): boolean {
    const all = new Map([...this.#holds].map(hold => [hold.checkpoint, hold.sessions]));
    return all.size === 0 || all.has(checkpoint) || this.#fit([...all.values(), sessions].flat());
  }
}
