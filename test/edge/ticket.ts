import type { Ticket } from '../../worker/dispatch/ticket.ts';

/** A ticket of a generation of its own, with a turn of its own. */
export function ticket(id: string, change: Partial<Ticket> = {}): Ticket {
  return {
    id,
    generationId: `generation of ${id}`,
    turn: `turn of ${id}`,
    caller: 'local',
    order: id,
    checkpoint: 'c',
    paceClass: 'p',
    steps: 20,
    isBegun: false,
    ...change,
  };
}

/** Numbers from 0 to 1 that look random and are the same with every run (mulberry32). */
export function seeded(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
