import type { Ticket } from './ticket.ts';

/** Every turn costs something, however few steps it has. */
const leastCost = 5;

/**
 * Who is next. Callers are served in turns by the work they ask for, one caller's in the order in which it came: start-time
 * fair queueing (Goyal, Vin, Cheng 1996, "Start-time fair queueing", equation 1) with tickets as packets and steps as lengths.
 * What has begun before, and was interrupted, comes first.
 */
export class FairQueue {
  readonly #tickets = new Map<string, Ticket>();
  /** Of each caller, the tickets that wait, in their order. */
  readonly #lines = new Map<string, Ticket[]>();
  /** v of each caller: how much it was served, as far as that counts; of those that wait, and those that are ahead. */
  readonly #served = new Map<string, number>();
  /** v of the ticket that was served last. */
  #now = 0;

  get size(): number {
    return this.#tickets.size;
  }

  has(id: string): boolean {
    return this.#tickets.has(id);
  }

  get(id: string): Ticket | null {
    return this.#tickets.get(id) ?? null;
  }

  /** Of a ticket that waits already, the newer one counts. */
  add(ticket: Ticket): void {
    this.remove(ticket.id);
    this.#tickets.set(ticket.id, ticket);
    let line = this.#lines.get(ticket.caller);
    if (!line) {
      line = [];
      this.#lines.set(ticket.caller, line);
      // Who comes anew is not owed what it did not ask for meanwhile; who was just served has not come anew.
      this.#served.set(ticket.caller, Math.max(this.#now, this.#served.get(ticket.caller) ?? 0));
    }
    // Most come last: looked for from there.
    let at = line.length;
    while (at > 0 && isBefore(ticket, line[at - 1]!)) at--;
    line.splice(at, 0, ticket);
  }

  /** @returns whether it was there */
  remove(id: string): boolean {
    const ticket = this.#tickets.get(id);
    if (!ticket) return false;
    this.#tickets.delete(id);
    const line = this.#lines.get(ticket.caller)!;
    line.splice(line.indexOf(ticket), 1);
    if (line.length === 0) {
      this.#lines.delete(ticket.caller);
      this.#forgetServed();
    }
    return true;
  }

  /** Everybody in the order in which they would be served if nobody else came. */
  *inOrder(): Generator<Ticket> {
    const served = new Map(this.#served);
    const at = new Map([...this.#lines.keys()].map(caller => [caller, 0]));
    for (let left = this.size; left > 0; left--) {
      const caller = this.#nextCaller(served, at);
      const ticket = this.#lines.get(caller)![at.get(caller)!]!;
      at.set(caller, at.get(caller)! + 1);
      served.set(caller, served.get(caller)! + cost(ticket));
      yield ticket;
    }
  }

  /** @param isPossible who cannot be served now lets those behind it pass */
  take(isPossible: (ticket: Ticket) => boolean): Ticket | null {
    for (const ticket of this.inOrder()) {
      if (!isPossible(ticket)) continue;
      const served = this.#served.get(ticket.caller)!;
      this.#now = Math.max(this.#now, served);
      this.#served.set(ticket.caller, served + cost(ticket));
      this.remove(ticket.id);
      return ticket;
    }
    return null;
  }

  /** What is past counts no more, and where nobody waits all of it is past. */
  #forgetServed(): void {
    if (this.size === 0) this.#now = Math.max(this.#now, ...this.#served.values());
    for (const [caller, served] of this.#served) {
      if (!this.#lines.has(caller) && served <= this.#now) this.#served.delete(caller);
    }
  }

  #nextCaller(served: ReadonlyMap<string, number>, at: ReadonlyMap<string, number>): string {
    let best: string | null = null;
    for (const [caller, line] of this.#lines) {
      const head = line[at.get(caller)!];
      if (!head) continue;
      if (head.isBegun) return caller;
      if (best === null || served.get(caller)! < served.get(best)!) best = caller;
    }
    return best!;
  }
}

function cost({ steps }: Ticket): number {
  return leastCost + steps;
}

function isBefore(a: Ticket, b: Ticket): boolean {
  if (a.isBegun !== b.isBegun) return a.isBegun;
  return a.order < b.order;
}
