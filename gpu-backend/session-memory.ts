import type { FloatTensor, Runtime, Session, Tensor, WeightBytes } from '../models/runtime.ts';
import { formatBytes } from './memory-budget.ts';
import { type Hold, RunningJobs } from './running-jobs.ts';

/** While 16 bits are widened, ONNX Runtime 1.30 holds so much of what comes out once more: 0.66 for a UNet of SD 1.5. */
const whileWidening = 0.7;
/**
 * V8's own memory, and what ONNX Runtime needs once for all sessions, move as much between two looks at the process: what
 * differs by less tells nothing of a session.
 */
const noiseBytes = 64 * 2 ** 20;

/** A checkpoint whose sessions cannot be in memory together, whatever else is released. */
export class OverBudget extends Error {
  override readonly name = 'OverBudget';
  /** Bytes, creation included. */
  readonly needed: number;
  readonly allowed: number;

  /** @param held of `needed`, what is left once they are created */
  constructor(needed: number, held: number, allowed: number) {
    const passing = needed > held ? ` (${formatBytes(held)} once they are created)` : '';
    super(`its sessions need ${formatBytes(needed)} of memory${passing}, and ${formatBytes(allowed)} are allowed`);
    this.needed = needed;
    this.allowed = allowed;
  }
}

/** A session that was created, or released for want of room. */
export interface SessionChange {
  readonly change: 'created' | 'evicted';
  readonly checkpoint: string;
  /** The part of the checkpoint, e.g. `unet`. */
  readonly part: string;
  /** What it takes, or took. */
  readonly bytes: number;
  /** Milliseconds that it took to create or release. */
  readonly ms: number;
}

export interface SessionMemoryOptions {
  /** Bytes. */
  readonly budget: number;
  /** Bytes that the process has in memory. Absent where others than these sessions move them as well. */
  readonly resident?: (() => number) | undefined;
  readonly onChange?: (change: SessionChange) => void;
}

/**
 * Keeps the sessions of one job thread within a budget. For a new one those that were not used for longest are released,
 * and created again when they are next needed: whoever runs them sees nothing of it. What a job has used stays until the
 * job is over; several jobs at once each hold what is theirs.
 *
 * A session counts with its weights as they are held (`WeightBytes`), and where the process's memory says more, with
 * that: ONNX Runtime keeps what a session worked in for as long as there is the session.
 */
export class SessionMemory {
  readonly budget: number;
  readonly resident: (() => number) | undefined;
  readonly #onChange: (change: SessionChange) => void;
  /** Those in memory, the one used last at the end. */
  readonly #held = new Set<HeldSession>();
  readonly #jobs = new RunningJobs(sessions => peak(sessions) <= this.budget);
  /** Settles when nothing that moves memory is under way. */
  #settled: Promise<unknown> = Promise.resolve();

  constructor({ budget, resident, onChange = () => undefined }: SessionMemoryOptions) {
    this.budget = budget;
    this.resident = resident;
    this.#onChange = onChange;
  }

  /** What the sessions take, in bytes. */
  get bytes(): number {
    return total(this.#held, session => session.bytes);
  }

  /** What each checkpoint's sessions take, in bytes; checkpoints without any are left out. */
  get byCheckpoint(): Readonly<Record<string, number>> {
    const bytes: Record<string, number> = {};
    for (const session of this.#held) bytes[session.checkpoint] = (bytes[session.checkpoint] ?? 0) + session.bytes;
    return bytes;
  }

  /** Whether all of these sessions could be created without releasing any. */
  hasRoomFor(sessions: readonly WeightBytes[]): boolean {
    return this.bytes + peak(sessions) <= this.budget;
  }

  /** Whether all of these sessions could be in memory together with no others there. @throws OverBudget */
  expectRoomFor(sessions: readonly WeightBytes[]): void {
    const needed = peak(sessions);
    const held = total(sessions, session => session.held);
    if (needed > this.budget) throw new OverBudget(needed, held, this.budget);
  }

  /** A runtime whose sessions are kept here. Its `createSession` throws what `runtime` throws, and OverBudget. */
  runtime(checkpoint: string, runtime: Runtime): Runtime {
    return {
      createSession: async (model, folder, weights) => {
        const create = () => runtime.createSession(model, folder, weights);
        const session = new HeldSession(this, create, checkpoint, folder, weights);
        await session.load();
        return session;
      },
    };
  }

  /**
   * From now on until `endJob`, what is used of the checkpoint is not released. Waits while other jobs hold so much that
   * not all of it could be in memory beside that.
   * @param sessions all that the checkpoint may need
   * @param cancelled asked now and then while it waits
   * @returns null when it was cancelled
   */
  beginJob(
    checkpoint: string,
    sessions: readonly WeightBytes[],
    cancelled: () => boolean = () => false,
  ): Promise<Hold | null> {
    return this.#jobs.begin(checkpoint, sessions, cancelled);
  }

  /** `beginJob` for one who has looked whether there is room. */
  hold(checkpoint: string, sessions: readonly WeightBytes[]): Hold {
    return this.#jobs.beginAtOnce(checkpoint, sessions);
  }

  /**
   * What the job has used may be released from now on, where no other job has. What it has left no room for is released
   * at once, but for its own sessions: the next job may be of the same kind.
   */
  async endJob(hold: Hold): Promise<void> {
    await this.#alone(() => this.#makeRoom(0)).finally(() => this.#jobs.end(hold));
  }

  /** @throws OverBudget before anything is created */
  create(session: HeldSession, create: () => Promise<Session>): Promise<Session> {
    return this.#alone(() => this.#create(session, create));
  }

  /** Runs a session that will keep more memory for it. */
  grow<Result>(session: HeldSession, run: () => Promise<Result>): Promise<Result> {
    return this.#alone(async () => {
      const before = this.resident?.() ?? 0;
      const result = await run();
      session.grow((this.resident?.() ?? 0) - before);
      return result;
    });
  }

  async #create(session: HeldSession, create: () => Promise<Session>): Promise<Session> {
    const { held, widened } = session.weights;
    const creating = held + whileWidening * widened;
    await this.#makeRoom(creating);
    const others = [...this.#held].map(({ weights }) => weights);
    // A smaller one may have come first: what fits in the order that was reckoned with is not refused for that.
    if (total(others, other => other.held) + creating > this.budget) this.expectRoomFor([...others, session.weights]);
    const began = performance.now();
    const before = this.resident?.() ?? 0;
    const created = await create();
    session.grow((this.resident?.() ?? 0) - before - held);
    this.use(session);
    this.#tell('created', session, session.bytes, began);
    return created;
  }

  use(session: HeldSession): void {
    this.#held.delete(session);
    this.#held.add(session);
    session.usedAt = this.#jobs.now;
  }

  forget(session: HeldSession): void {
    this.#held.delete(session);
  }

  async #makeRoom(bytes: number): Promise<void> {
    while (this.bytes + bytes > this.budget) {
      const idle = this.#idle();
      if (!idle) return;
      const began = performance.now();
      const freed = idle.bytes;
      await idle.release();
      this.#tell('evicted', idle, freed, began);
    }
  }

  /** What was not used for longest of what no job needs; before that of a job's own checkpoint, of others. */
  #idle(): HeldSession | undefined {
    const held = [...this.#held];
    const ofNoJob = held.find(({ checkpoint }) => !this.#jobs.holds(checkpoint));
    return ofNoJob ?? held.find(({ usedAt }) => this.#jobs.allBeganAfter(usedAt));
  }

  /**
   * One after the other, whichever jobs want it: two sessions that are created at once would take the same room, and of
   * two that grow at once none could tell by how much.
   */
  #alone<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#settled.then(work);
    this.#settled = result.catch(() => undefined);
    return result;
  }

  #tell(change: SessionChange['change'], { checkpoint, part }: HeldSession, bytes: number, began: number): void {
    this.#onChange({ change, checkpoint, part, bytes, ms: performance.now() - began });
  }
}

/** A session that may be released when no job needs it, and is created again when one does. */
class HeldSession implements Session {
  readonly checkpoint: string;
  readonly part: string;
  readonly weights: WeightBytes;
  /** When it was last used, as jobs count. */
  usedAt = 0;
  readonly #memory: SessionMemory;
  readonly #create: () => Promise<Session>;
  #session: Promise<Session> | null = null;
  /** Bytes beside its weights. */
  #grown = 0;
  /** How many numbers its largest run has read. */
  #largest = 0;

  constructor(
    memory: SessionMemory,
    create: () => Promise<Session>,
    checkpoint: string,
    part: string,
    weights: WeightBytes,
  ) {
    this.#memory = memory;
    this.#create = create;
    this.checkpoint = checkpoint;
    this.part = part;
    this.weights = weights;
  }

  get bytes(): number {
    return this.weights.held + this.#grown;
  }

  grow(bytes: number): void {
    if (bytes > noiseBytes) this.#grown += bytes;
  }

  async load(): Promise<void> {
    await this.#open();
  }

  async run(inputs: Readonly<Record<string, Tensor>>): Promise<Record<string, FloatTensor>> {
    const session = await this.#open();
    const { resident } = this.#memory;
    const read = total(Object.values(inputs), ({ data }) => data.length);
    // Only a larger run than any before makes it keep more.
    if (!resident || read <= this.#largest) return session.run(inputs);
    const outputs = await this.#memory.grow(this, () => session.run(inputs));
    this.#largest = Math.max(this.#largest, read);
    return outputs;
  }

  async release(): Promise<void> {
    const session = this.#session;
    this.#session = null;
    this.#grown = 0;
    this.#largest = 0;
    this.#memory.forget(this);
    await session?.then(created => created.release()).catch(() => undefined);
  }

  async #open(): Promise<Session> {
    const opened = this.#session;
    if (opened) {
      const session = await opened;
      // Not before it is there: until then what it takes is not taken.
      if (this.#session === opened) this.#memory.use(this);
      return session;
    }
    const creating = this.#memory.create(this, this.#create);
    this.#session = creating;
    creating.catch(() => {
      if (this.#session === creating) this.#session = null;
    });
    return creating;
  }
}

/** The most that creating these sessions takes, one after the other, the largest first. */
function peak(sessions: readonly WeightBytes[]): number {
  let most = 0;
  let held = 0;
  for (const each of [...sessions].sort((a, b) => b.held - a.held)) {
    most = Math.max(most, held + each.held + whileWidening * each.widened);
    held += each.held;
  }
  return most;
}

function total<Item>(items: Iterable<Item>, bytes: (item: Item) => number): number {
  let sum = 0;
  for (const item of items) sum += bytes(item);
  return sum;
}
