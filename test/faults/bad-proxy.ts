/** Stands in front of a backend and makes it a bad one: some of its answers are not what the backend has said. */
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { MersenneTwister } from '../../models/noise/mersenne-twister.ts';
import type { Tensor } from '../../models/runtime.ts';
import { decodeMessages, encodeMessage, type Message } from '../../wire/frames.ts';

/** What can be wrong with an answer. */
export const vices = [
  /** Bytes that are no frames, from a random frame on. */
  'garbage',
  /** Frames that can be read, and make no sense. */
  'nonsense',
  /** From a random frame on nothing comes, and the connection stays open. */
  'hangs',
  /** In the middle of a frame the connection is lost, or the answer over. */
  'cuts',
  /** Every frame comes late. */
  'slow',
  /** A number of a tensor is NaN or infinite. */
  'nan',
  /** Whether it is ready, and how busy, is answered with garbage or not at all. */
  'unready',
] as const;
export type Vice = (typeof vices)[number];

/** Runs that are good, for every round of one of each vice. */
const goodInEachRound = 4;
/** At most so many frames come before it shows what it is: not all of a run. */
const latestFrame = 14;
/** How often it does not say that it is ready. */
const unreadyShare = 0.1;
const slowestMs = 60;

/** Messages that a reader of frames accepts, and nobody should be able to do anything with. */
const nonsense: readonly unknown[] = [
  null,
  [],
  'done',
  42,
  {},
  { kind: 'unheard of' },
  { kind: 'started' },
  { kind: 'started', backend: null },
  { kind: 'step' },
  { kind: 'step', step: 'first', steps: {} },
  { kind: 'step', step: -5, steps: 0, draws: 'many' },
  { kind: 'result' },
  { kind: 'result', stage: 'DEVELOP', ms: null },
  { kind: 'result', stage: 'DENOISE', ms: 1 },
  { kind: 'failed' },
  { kind: 'done' },
];

/** Forwards to one backend on this machine. */
export class BadProxy {
  readonly url: string;
  /** How often each vice has shown. */
  readonly shown = new Map<Vice, number>(vices.map(vice => [vice, 0]));
  readonly #server: Server;
  readonly #random: MersenneTwister;
  #backend = '';
  #isBad = true;
  /** What the next runs will be like; null: good. */
  #deck: (Vice | null)[] = [];

  private constructor(server: Server, seed: number) {
    this.#server = server;
    this.#random = new MersenneTwister(seed);
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (incoming: IncomingMessage, response: ServerResponse) => {
      this.#serve(incoming, response).catch(() => response.destroy());
    });
    // The backend says itself when to go on.
    server.on('checkContinue', (incoming: IncomingMessage, response: ServerResponse) => {
      response.writeContinue();
      this.#serve(incoming, response).catch(() => response.destroy());
    });
  }

  /** @param seed of what it does when */
  static async listen(seed: number): Promise<BadProxy> {
    const server = createServer();
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    return new BadProxy(server, seed);
  }

  /** @param backend its address */
  forwardTo(backend: string): void {
    this.#backend = backend;
  }

  /** From now on it is as good as its backend. */
  behave(): void {
    this.#isBad = false;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise(resolve => this.#server.close(resolve));
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = incoming.url ?? '/';
    if (path === '/v1/run') return this.#run(incoming, response);
    if (this.#isBad && (path === '/ready' || path === '/health') && this.#draw() < unreadyShare) {
      this.shown.set('unready', this.shown.get('unready')! + 1);
      if (this.#draw() < 0.2) return;
      const answers = ['<html>', '{}', 'null', '{"checkpoints":[null],"capacity":"many","backend":{}}'];
      response.writeHead(this.#draw() < 0.7 ? 200 : 502).end(this.#pick(answers));
      return;
    }
    const upstream = await this.#forward(incoming, response);
    upstream.pipe(response);
  }

  async #run(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const vice = this.#isBad ? this.#nextVice() : null;
    const upstream = await this.#forward(incoming, response);
    if (vice === null || upstream.statusCode !== 200) {
      upstream.pipe(response);
      return;
    }
    response.flushHeaders();
    // Nothing at all is rare: until the first frame a backend may take its time.
    const strikesAt = this.#draw() < 0.05 ? 0 : 1 + Math.floor(latestFrame * this.#draw());
    let index = 0;
    let isNew = true;
    const show = (of: Vice) => {
      if (isNew) this.shown.set(of, this.shown.get(of)! + 1);
      isNew = false;
    };
    for await (const { json, tensors } of decodeMessages(upstream)) {
      const frame = encodeMessage(json, Object.fromEntries(tensors));
      const isStruck = index++ >= strikesAt;
      if (vice === 'slow') {
        show('slow');
        await sleep(slowestMs * this.#draw());
      } else if (isStruck && vice === 'hangs') {
        show('hangs');
        return;
      } else if (isStruck && vice === 'cuts') {
        show('cuts');
        return this.#cut(frame, response);
      } else if (isStruck && vice === 'garbage') {
        show('garbage');
        response.end(Buffer.from(Array.from({ length: 300 }, () => Math.floor(256 * this.#draw()))));
        return;
      } else if (isStruck && vice === 'nonsense') {
        show('nonsense');
        response.write(this.#nonsense({ json, tensors }));
        continue;
      } else if (isStruck && vice === 'nan') {
        const spoilt = this.#spoilt(tensors);
        if (spoilt) {
          show('nan');
          response.write(encodeMessage(json, spoilt));
          continue;
        }
      }
      response.write(frame);
    }
    response.end();
  }

  async #cut(frame: Uint8Array, response: ServerResponse): Promise<void> {
    const half = frame.subarray(0, 1 + Math.floor((frame.length - 1) * this.#draw()));
    await new Promise(resolve => response.write(half, resolve));
    if (this.#draw() < 0.5) response.end();
    else response.destroy();
  }

  #nonsense({ json, tensors }: Message): Uint8Array {
    // Tensors of another shape or of other numbers than they should be, under the names that they should have.
    const names = [...tensors.keys()];
    if (names.length > 0 && this.#draw() < 0.5) {
      const odd: Tensor = this.#pick([
        { data: new Float32Array(6), dims: [6] },
        { data: new Uint8Array(4), dims: [1, 2, 2] },
        { data: new Float32Array(0), dims: [0] },
      ]);
      return encodeMessage(json, Object.fromEntries(names.map(name => [name, odd])));
    }
    return encodeMessage(this.#pick(nonsense));
  }

  /** With a number that is none; null where there is no number that could be spoilt. */
  #spoilt(tensors: ReadonlyMap<string, Tensor>): Record<string, Tensor> | null {
    const spoilt = Object.fromEntries(tensors);
    const names = Object.keys(spoilt).filter(name => spoilt[name]!.data instanceof Float32Array);
    if (names.length === 0) return null;
    const name = this.#pick(names);
    const { data, dims } = spoilt[name]!;
    const copy = Float32Array.from(data as Float32Array);
    copy[Math.floor(copy.length * this.#draw())] = this.#pick([Number.NaN, Number.POSITIVE_INFINITY]);
    return { ...spoilt, [name]: { data: copy, dims } };
  }

  /** @returns the backend's answer, the head of which is sent already */
  #forward(incoming: IncomingMessage, response: ServerResponse): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const { method, url, headers } = incoming;
      const { expect: _, ...others } = headers;
      const outgoing = request(new URL(url!, this.#backend), { method, headers: others, agent: false });
      outgoing.once('error', reject);
      outgoing.once('response', upstream => {
        upstream.on('error', () => response.destroy());
        const { connection, 'transfer-encoding': chunked, 'keep-alive': alive, ...kept } = upstream.headers;
        response.writeHead(upstream.statusCode!, kept);
        resolve(upstream);
      });
      // Whoever hangs up here hangs up there.
      response.once('close', () => outgoing.destroy());
      incoming.pipe(outgoing);
    });
  }

  /** Every vice comes up before one comes up again. */
  #nextVice(): Vice | null {
    if (this.#deck.length === 0) {
      const ofRuns = vices.filter(vice => vice !== 'unready');
      this.#deck = [...ofRuns, ...new Array<null>(goodInEachRound).fill(null)];
      for (let i = this.#deck.length - 1; i > 0; i--) {
        const j = Math.floor((i + 1) * this.#draw());
        [this.#deck[i], this.#deck[j]] = [this.#deck[j]!, this.#deck[i]!];
      }
    }
    return this.#deck.pop()!;
  }

  #pick<T>(of: readonly T[]): T {
    return of[Math.floor(of.length * this.#draw())]!;
  }

  /** From 0 to less than 1. */
  #draw(): number {
    return this.#random.next() / 2 ** 32;
  }
}
