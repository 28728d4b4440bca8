import { joined } from '../models/rows.ts';
import type { FloatTensor, Runtime, Session, Tensor } from '../models/runtime.ts';

type Inputs = Readonly<Record<string, Tensor>>;
type Outputs = Record<string, FloatTensor>;

/** What can be put together with others: tensors that have a row for each item of the same batch. */
interface Rows {
  readonly inputs: Readonly<Record<string, FloatTensor>>;
  readonly count: number;
  /** The same for all that can be put together: names and dims, but for the number of rows. */
  readonly shape: string;
}

/** A call that waits for its turn. */
interface WaitingCall extends Rows {
  readonly resolve: (outputs: Outputs) => void;
  readonly reject: (error: unknown) => void;
}

export interface BatchOptions {
  /** How many calls may share one. 1: each is its own, at once, on the very tensors it came with. */
  readonly limit: number;
  /** Told of every call that was made, however many shared it. */
  readonly onCall?: () => void;
}

/**
 * A runtime whose UNet runs what several generations wait for in one call: see `BatchedSession`. Below the model code
 * nothing knows of generations, so that each looks at its own rows only: NaN in one is nobody else's failure.
 */
export function batchUNet(runtime: Runtime, options: BatchOptions): Runtime {
  return {
    async createSession(model, part, weights) {
      const session = await runtime.createSession(model, part, weights);
      return part === 'unet' ? new BatchedSession(session, options) : session;
    },
  };
}

/**
 * A session whose calls share one where they wait at the same moment and differ in nothing but their rows: those are put
 * one after the other, run once, and given back to whom they belong.
 *
 * Generations join and leave between two calls. Nobody is waited for by name, so that nobody who ends, fails or does
 * something else can be waited for in vain: who comes while a call is made waits for its end anyway, and all who had a
 * part in it are back in the same turn of the event loop, for all of them run on this thread.
 */
export class BatchedSession implements Session {
  readonly #session: Session;
  readonly #limit: number;
  readonly #onCall: () => void;
  readonly #waiting: WaitingCall[] = [];
  /** Whether a call is made, or about to be. */
  #busy = false;

  constructor(session: Session, { limit, onCall = () => undefined }: BatchOptions) {
    this.#session = session;
    this.#limit = limit;
    this.#onCall = onCall;
  }

  async load(): Promise<void> {
    await this.#session.load?.();
  }

  release(): Promise<void> {
    return this.#session.release();
  }

  run(inputs: Inputs): Promise<Outputs> {
    const rows = this.#limit > 1 ? rowsOf(inputs) : null;
    if (rows === null) return this.#call(inputs);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ...rows, resolve, reject });
      this.#wake();
    });
  }

  #wake(): void {
    if (this.#busy || this.#waiting.length === 0) return;
    this.#busy = true;
    // Between two steps a generation does nothing that takes a turn of the event loop: by then all are back.
    setImmediate(() => void this.#next());
  }

  /** Whoever has waited longest, and all who can come along. */
  async #next(): Promise<void> {
    const { shape } = this.#waiting[0]!;
    const together = this.#waiting.filter(call => call.shape === shape).slice(0, this.#limit);
    for (const call of together) this.#waiting.splice(this.#waiting.indexOf(call), 1);
    await this.#runTogether(together);
    this.#busy = false;
    this.#wake();
  }

  /** Never rejects: every call is told how it went. */
  async #runTogether(calls: readonly WaitingCall[]): Promise<void> {
    if (calls.length > 1) {
      try {
        const parts = split(await this.#call(merged(calls)), calls);
        for (const [i, { resolve }] of calls.entries()) resolve(parts[i]!);
        return;
      } catch {
        // Whose fault it was is seen when each is alone; it may have been nobody's but the size's.
      }
    }
    for (const { inputs, resolve, reject } of calls) await this.#call(inputs).then(resolve, reject);
  }

  async #call(inputs: Inputs): Promise<Outputs> {
    try {
      return await this.#session.run(inputs);
    } finally {
      this.#onCall();
    }
  }
}

/** Null for what has no rows, or not the same number in every tensor. */
function rowsOf(inputs: Inputs): Rows | null {
  const count = Object.values(inputs)[0]?.dims[0] ?? 0;
  const isOfRows = ({ dims: [rows = 0], data }: Tensor) => rows === count && data instanceof Float32Array;
  if (count < 1 || !Object.values(inputs).every(isOfRows)) return null;
  const shapes = Object.entries(inputs).map(([name, { dims }]) => `${name} ${dims.slice(1)}`);
  return { inputs: inputs as Rows['inputs'], count, shape: shapes.sort().join(';') };
}

function merged(calls: readonly Rows[]): Inputs {
  const rows = calls.reduce((sum, { count }) => sum + count, 0);
  const inputs = Object.entries(calls[0]!.inputs).map(([name, { dims }]) => {
    const data = joined(...calls.map(call => call.inputs[name]!.data));
    return [name, { data, dims: [rows, ...dims.slice(1)] }] as const;
  });
  return Object.fromEntries(inputs);
}

/** @throws RangeError when an output has other rows than went in */
function split(outputs: Outputs, calls: readonly Rows[]): Outputs[] {
  const rows = calls.reduce((sum, { count }) => sum + count, 0);
  let first = 0;
  return calls.map(({ count }) => {
    const own: Outputs = {};
    for (const [name, { data, dims }] of Object.entries(outputs)) {
      if (dims[0] !== rows) throw new RangeError(`${name} [${dims}] is not of ${rows} rows`);
      const size = data.length / rows;
      own[name] = { data: data.subarray(first * size, (first + count) * size), dims: [count, ...dims.slice(1)] };
    }
    first += count;
    return own;
  });
}
