import { DurableObject } from 'cloudflare:workers';
import type { Failure } from '../../schema/context.ts';
import { BackendClient } from '../../wire/client.ts';
import { readConfiguration } from '../configuration.ts';
import { GenerationRows } from '../generations/generation-rows.ts';
import { logUnexpected } from '../http/unexpected.ts';
import { BackendWatch } from './backend-watch.ts';
import { Dispatcher, type JobReport } from './dispatcher.ts';
import type { Lease } from './held.ts';
import { type Observed, Pace } from './pace.ts';
import type { Place, Ticket } from './ticket.ts';

/** While anything waits or runs, backends are looked at so often. */
const everyMs = 2_000;

/** One for all: it alone sees all that waits. What it knows is in rows and in those who ask it; a crash loses nothing. */
export class DispatcherObject extends DurableObject<Env> {
  #dispatcher!: Dispatcher;
  readonly #pace: Promise<Pace>;
  /** The alarm that is set, so that it need not be read. */
  #alarmAt: number | null = null;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#pace = ctx.storage.get<readonly (readonly [string, Observed])[]>('pace').then(known => new Pace(known ?? []));
    void ctx.blockConcurrencyWhile(async () => {
      const { backends, backendSecret, backendPatienceMs } = readConfiguration({ ...env });
      const clients = new Map(backends.map(url => [url, new BackendClient({ url, secret: backendSecret })]));
      this.#dispatcher = new Dispatcher({
        watch: new BackendWatch(clients, Date.now()),
        pace: await this.#pace,
        call: (ticket, failure) => this.#call(ticket, failure),
        now: () => Date.now(),
        patienceMs: backendPatienceMs,
      });
      for (const ticket of await new GenerationRows(env.DB).waiting()) this.#dispatcher.enqueue(ticket);
      this.#goOn();
    });
  }

  /** See `Dispatcher`. Answers at once: who waits is called. */
  async enqueue(ticket: Ticket): Promise<void> {
    this.#dispatcher.enqueue(ticket);
    this.#goOn();
  }

  async leave(id: string): Promise<void> {
    this.#dispatcher.leave(id);
    this.#goOn();
  }

  take(ticket: Ticket): Promise<Lease | Failure | null> {
    const given = this.#dispatcher.take(ticket);
    this.#goOn();
    return given;
  }

  async renew(ticket: Ticket, lease: Lease, step: number): Promise<boolean> {
    return this.#dispatcher.renew(ticket, lease, step);
  }

  async ended(turn: string, address: string, report: JobReport): Promise<void> {
    this.#dispatcher.ended(turn, address, report);
    this.#goOn();
    await this.ctx.storage.put('pace', (await this.#pace).known);
  }

  async place(id: string): Promise<Place> {
    return this.#dispatcher.place(id);
  }

  /** Milliseconds until there is likely room for one more. */
  async roomAfterMs(): Promise<number> {
    return this.#dispatcher.roomAfterMs;
  }

  override async alarm(): Promise<void> {
    this.#alarmAt = null;
    await this.#pump();
  }

  #goOn(): void {
    this.ctx.waitUntil(this.#pump());
  }

  async #pump(): Promise<void> {
    try {
      await this.#dispatcher.pump();
    } catch (error) {
      logUnexpected(error, 'dispatch');
    }
    if (this.#dispatcher.isIdle || this.#alarmAt !== null) return;
    this.#alarmAt = Date.now() + everyMs;
    await this.ctx.storage.setAlarm(this.#alarmAt);
  }

  /** A generation that does not hear it asks again by itself. */
  #call(ticket: Ticket, failure: Failure | null): void {
    const told = this.env.GENERATIONS.getByName(ticket.generationId).proceed(ticket.id, failure);
    this.ctx.waitUntil(told.catch((error: unknown) => void logUnexpected(error, 'dispatch')));
  }
}
