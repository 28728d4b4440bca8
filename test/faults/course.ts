/** Generations as a client sees them, from the first request to the last byte: however often it is cut off. */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StubbornClient } from './stubborn-client.ts';

/** An input of `generate`; its key is what makes it safe to be sent again. */
export interface Wish {
  readonly idempotencyKey: string;
  readonly prompt: string;
  readonly seed: number;
  readonly steps: number;
  readonly scheduler: string;
  readonly count: number;
}

/** One image as it was made. */
export interface Picture {
  readonly latentKey: string;
  /** SHA-256 of the PNG. */
  readonly sha256: string;
  /** The latent's own. */
  readonly digest: string;
  readonly png: Uint8Array;
  /** The latent as a file. */
  readonly latent: Uint8Array;
}

export interface End {
  readonly id: string;
  readonly status: string;
  readonly failure: string | null;
  readonly pictures: readonly Picture[];
}

const schedulers = ['DDIM', 'EULER_ANCESTRAL', 'PNDM', 'DPMPP_2M', 'UNIPC'];
const prompts = ['a', 'b', 'a b', 'b a'];
/** How many may be unfinished: then requests come all the time, and not only before the first kill. */
const atOnce = 30;
const pollMs = 60;
const waitMs = 20_000;

/** Things that differ in all that matters, each with a seed of its own; every tenth is of two images. */
export function wishes(count: number, steps: number): Wish[] {
  return Array.from({ length: count }, (_, i) => ({
    idempotencyKey: `wish ${i}`,
    prompt: prompts[i % prompts.length]!,
    seed: 10 * i,
    steps,
    scheduler: schedulers[i % schedulers.length]!,
    count: i % 10 === 3 ? 2 : 1,
  }));
}

const generate = `mutation ($input: GenerateInput!) { generate(input: $input) { __typename ... on Error { code message }
  ... on RetryLaterError { retryAfterMs } ... on GenerateSuccess { replayed generation { id status } } } }`;
const poll = `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Generation { id status progress { step steps } } } }`;
const read = `query ($id: ID!) { generation(id: $id) { id status failure { code message stage }
  images { url latent { key digest url } } } }`;

interface Seen {
  readonly wish: Wish;
  step: number;
  status: string;
}

export class Course {
  readonly #client: StubbornClient;
  /** By the generations' ids. */
  readonly #seen = new Map<string, Seen>();
  readonly #waits: Promise<void>[] = [];
  #onEnd: (ended: number) => void = () => {};
  /** What should not have been seen. */
  readonly findings: string[] = [];
  /** How often the same key was answered with a generation that was there already. */
  replays = 0;
  ended = 0;

  constructor(client: StubbornClient) {
    this.#client = client;
  }

  /**
   * Asks for everything and follows it to its end.
   * @param onEnd told how many have ended, after every one
   * @returns the ends by the wishes' keys
   */
  async run(all: readonly Wish[], onEnd: (ended: number) => void = () => {}): Promise<ReadonlyMap<string, End>> {
    this.#onEnd = onEnd;
    const asking = this.#askAll(all);
    await Promise.all([asking, this.#follow(all.length)]);
    await Promise.all(this.#waits);
    const ends = new Map<string, End>();
    for (const [id, { wish }] of this.#seen) ends.set(wish.idempotencyKey, await this.#read(id));
    const { generations } = await this.#client.ask('{ generations { totalCount } }');
    if (generations.totalCount !== all.length) {
      this.findings.push(`there are ${generations.totalCount} generations of ${all.length} wishes`);
    }
    return ends;
  }

  async #askAll(all: readonly Wish[]): Promise<void> {
    for (const [i, wish] of all.entries()) {
      while (this.#seen.size - this.ended >= atOnce) await sleep(pollMs);
      // Some callers are in a hurry and send it twice at the same time.
      const answers = await Promise.all(Array.from({ length: i % 3 === 0 ? 2 : 1 }, () => this.#ask(wish)));
      const ids = new Set(answers.map(({ id }) => id));
      if (ids.size > 1) this.findings.push(`${wish.idempotencyKey} is ${ids.size} generations`);
      for (const id of ids) this.#seen.set(id, { wish, step: 0, status: 'QUEUED' });
      // Some wait for the end of what they have asked for.
      if (i % 7 === 0) this.#waits.push(this.#wait(wish, [...ids][0]!));
    }
  }

  async #wait(wish: Wish, expected: string): Promise<void> {
    for (;;) {
      const began = Date.now();
      const { id, status } = await this.#ask({ ...wish, wait: waitMs });
      if (id !== expected) this.findings.push(`${wish.idempotencyKey} is ${id}, and was ${expected}`);
      if (hasEnded(status)) return;
      if (Date.now() - began < waitMs) this.findings.push(`a wait for ${id} was over before its time`);
    }
  }

  async #ask(input: Wish & { readonly wait?: number }): Promise<{ readonly id: string; readonly status: string }> {
    for (;;) {
      const { generate: answer } = await this.#client.ask(generate, { input });
      if (answer.__typename === 'GenerateSuccess') {
        if (answer.replayed) this.replays++;
        return answer.generation;
      }
      this.findings.push(`${input.idempotencyKey} is answered ${answer.code}: ${answer.message}`);
      await sleep(answer.retryAfterMs ?? 1_000);
    }
  }

  async #follow(count: number): Promise<void> {
    while (this.ended < count) {
      await sleep(pollMs);
      const ids = [...this.#seen].filter(([, { status }]) => !hasEnded(status)).map(([id]) => id);
      if (ids.length === 0) continue;
      const { nodes } = await this.#client.ask(poll, { ids });
      for (const [i, id] of ids.entries()) this.#note(id, nodes[i]);
    }
  }

  #note(id: string, now: { status: string; progress: { step: number; steps: number } } | null): void {
    const seen = this.#seen.get(id)!;
    const name = seen.wish.idempotencyKey;
    if (!now) {
      this.findings.push(`${name} is lost: ${id} is null`);
      return;
    }
    const { step, steps } = now.progress;
    if (step < seen.step) this.findings.push(`${name} went from step ${seen.step} down to ${step}`);
    if (now.status === 'SUCCEEDED' && step !== steps) this.findings.push(`${name} ended at step ${step} of ${steps}`);
    seen.step = step;
    seen.status = now.status;
    if (hasEnded(now.status)) this.#onEnd(++this.ended);
  }

  async #read(id: string): Promise<End> {
    const { generation } = await this.#client.ask(read, { id });
    const { idempotencyKey } = this.#seen.get(id)!.wish;
    if (!generation) {
      this.findings.push(`${idempotencyKey} is lost: ${id} is null`);
      return { id, status: 'LOST', failure: null, pictures: [] };
    }
    const { status, failure, images } = generation;
    if (status !== this.#seen.get(id)!.status) this.findings.push(`${idempotencyKey} had ended, and is ${status} now`);
    const pictures: Picture[] = [];
    for (const { url, latent } of images) {
      const [png, file] = [await this.#client.bytes(url), await this.#client.bytes(latent.url)];
      pictures.push({ latentKey: latent.key, digest: latent.digest, sha256: sha256(png), png, latent: file });
    }
    return { id, status, failure: failure && JSON.stringify(failure), pictures };
  }
}

export function hasEnded(status: string): boolean {
  return ['SUCCEEDED', 'FAILED', 'CANCELLED'].includes(status);
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
