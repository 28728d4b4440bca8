/** Kills process groups of a house at random moments, and starts them again. */
import { setTimeout as sleep } from 'node:timers/promises';
import { MersenneTwister } from '../../models/noise/mersenne-twister.ts';
import type { MortalHouse } from './mortal-house.ts';

export type Victim = 'worker' | 'backend' | 'all';

export interface Kill {
  readonly victim: Victim;
  /** How many backends' work it has interrupted. */
  readonly backends: number;
  /** Jobs that ran on them at that moment. */
  readonly running: number;
}

/** The longest from the moment when as much had ended as was drawn, to the kill. */
const longestFuseMs = 1_000;
const longestDeathMs = 500;

export class Reaper {
  readonly #house: MortalHouse;
  readonly #random: MersenneTwister;
  readonly kills: Kill[] = [];

  constructor(house: MortalHouse, seed: number) {
    this.#house = house;
    this.#random = new MersenneTwister(seed);
  }

  /**
   * Kills so often, each time when so many generations have ended as was drawn for it, and a little later.
   * @param of how many generations there are
   * @param ended how many have ended
   */
  async reap(count: number, of: number, ended: () => number): Promise<void> {
    const moments = Array.from({ length: count }, () => Math.floor(0.95 * of * this.#draw())).sort((a, b) => a - b);
    for (const moment of moments) {
      while (ended() < moment) await sleep(10);
      await sleep(longestFuseMs * this.#draw());
      // There is nothing left that could be disturbed.
      if (ended() >= of) return;
      await this.#kill();
    }
  }

  async #kill(): Promise<void> {
    const { edge, backends } = this.#house;
    const draw = this.#draw();
    const victim: Victim = draw < 0.4 ? 'worker' : draw < 0.8 ? 'backend' : 'all';
    const one = backends[Math.floor(this.#draw() * backends.length)]!;
    const dying = victim === 'worker' ? [] : victim === 'backend' ? [one] : backends;
    const affected = victim === 'backend' ? [one] : backends;
    const works = new Map(await Promise.all(affected.map(async each => [each, await each.work()] as const)));
    await Promise.all([
      ...dying.map(backend => backend.kill(works.get(backend)!)),
      ...(victim === 'backend' ? [] : [edge.kill()]),
    ]);
    const running = [...works.values()].reduce((sum, work) => sum + work.running, 0);
    this.kills.push({ victim, backends: affected.length, running });
    await sleep(longestDeathMs * this.#draw());
    await Promise.all([...dying.map(backend => backend.start()), ...(victim === 'backend' ? [] : [edge.start()])]);
  }

  /** From 0 to less than 1. */
  #draw(): number {
    return this.#random.next() / 2 ** 32;
  }
}
