/** What the backends say of themselves, asked again and again while there is work for them. */
import { BackendError } from '../../wire/backend-error.ts';
import type { BackendClient } from '../../wire/client.ts';
import { kindOf } from '../../wire/plan.ts';

/** A backend that answers while it is alive does so far quicker. */
const answerWithinMs = 2_000;
/** What was seen so long ago is looked at again. */
const freshMs = 2_000;

export interface SeenBackend {
  /** Null while it does not answer. */
  readonly state: { readonly digests: ReadonlySet<string>; readonly kind: string; readonly bootId: string } | null;
  /** Jobs that it runs at the same time. */
  readonly capacity: number;
  /** Jobs that it lets wait beside them. */
  readonly queueLimit: number;
}

export class BackendWatch {
  readonly #clients: ReadonlyMap<string, Pick<BackendClient, 'ready' | 'health'>>;
  readonly #seen = new Map<string, SeenBackend>();
  /** When each was last heard of. */
  readonly #heard = new Map<string, number>();
  #looking: Promise<void> | null = null;
  /** How often what was seen was doubted: what was asked before that tells nothing of it. */
  #doubts = 0;
  #lookedAt = Number.NEGATIVE_INFINITY;
  /** Those that were asked and have not answered yet. */
  readonly #asked = new Set<string>();

  /**
   * @param clients by their addresses
   * @param since what was never heard of is silent from then on
   */
  constructor(clients: ReadonlyMap<string, Pick<BackendClient, 'ready' | 'health'>>, since = Number.NEGATIVE_INFINITY) {
    this.#clients = clients;
    for (const address of clients.keys()) this.#heard.set(address, since);
  }

  /** Whether it was asked and has not answered yet: what was seen of it before may be over. */
  isAsked(address: string): boolean {
    return this.#asked.has(address);
  }

  get addresses(): readonly string[] {
    return [...this.#clients.keys()];
  }

  /** As it was last seen; null for one that was never looked at. */
  seen(address: string): SeenBackend | null {
    return this.#seen.get(address) ?? null;
  }

  /** Milliseconds since it was last heard of; infinite where it never was. */
  silence(address: string, now: number): number {
    return now - (this.#heard.get(address) ?? Number.NEGATIVE_INFINITY);
  }

  /** Asks all of them, unless that was done just now. Those that look at the same time share one look. */
  look(now: number): Promise<void> {
    if (now - this.#lookedAt < freshMs) return Promise.resolve();
    const doubts = this.#doubts;
    this.#looking ??= this.#askAll().finally(() => {
      if (doubts === this.#doubts) this.#lookedAt = Date.now();
      this.#looking = null;
    });
    return this.#looking;
  }

  /** It has just failed: what was seen of it does not count. */
  doubt(address: string): void {
    this.#doubts++;
    this.#lookedAt = Number.NEGATIVE_INFINITY;
    const seen = this.#seen.get(address);
    if (seen) this.#seen.set(address, { ...seen, state: null });
  }

  async #askAll(): Promise<void> {
    await Promise.all(
      [...this.#clients].map(async ([address, client]) => {
        const before = this.#seen.get(address);
        this.#asked.add(address);
        try {
          const [{ backend, bootId, checkpoints }, { capacity, queueLimit }] = await Promise.all([
            client.ready(AbortSignal.timeout(answerWithinMs)),
            client.health(AbortSignal.timeout(answerWithinMs)),
          ]);
          const digests = new Set(checkpoints.map(({ digest }) => digest));
          const state = { digests, kind: kindOf(backend), bootId };
          this.#seen.set(address, { state, capacity: Math.max(1, capacity), queueLimit });
          this.#heard.set(address, Date.now());
        } catch (error) {
          // It says itself that it lives, and loads.
          if (error instanceof BackendError) this.#heard.set(address, Date.now());
          this.#seen.set(address, {
            capacity: before?.capacity ?? 1,
            queueLimit: before?.queueLimit ?? 0,
            state: null,
          });
        }
        this.#asked.delete(address);
      }),
    );
  }
}
