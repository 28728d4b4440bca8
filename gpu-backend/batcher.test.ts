import { beforeEach, describe, expect, it } from 'vitest';
import { ModelError } from '../models/model-error.ts';
import type { FloatTensor, Session, Tensor } from '../models/runtime.ts';
import { Stage } from '../models/stage.ts';
import { BatchedSession, batchUNet } from './batcher.ts';

/** How many rows each call of the pretended session had. */
let calls: number[];
beforeEach(() => {
  calls = [];
});

const turn = () => new Promise<void>(resolve => setImmediate(resolve));

/** Doubles its samples and adds their timesteps, row by row; like ONNX Runtime it takes a turn of the event loop. */
const doubling: Session = {
  async run({ sample, timestep }) {
    await turn();
    const { data, dims } = sample as FloatTensor;
    const [rows = 0] = dims;
    calls.push(rows);
    const size = data.length / rows;
    const out = data.map((value, i) => 2 * value + Number(timestep!.data[Math.floor(i / size)]));
    return { out: { data: out, dims } };
  },
  release: async () => undefined,
};

/** What the UNet is told of some rows. */
function rows(values: readonly number[], { timestep = 0, height = 1, width = 2 } = {}): Record<string, FloatTensor> {
  const data = Float32Array.from(values.flatMap(value => Array<number>(height * width).fill(value)));
  return {
    sample: { data, dims: [values.length, 1, height, width] },
    timestep: { data: new Float32Array(values.length).fill(timestep), dims: [values.length] },
  };
}

/** The first number of every row. */
const firsts = ({ out }: Record<string, FloatTensor>) => {
  const size = out!.data.length / out!.dims[0]!;
  return Array.from({ length: out!.dims[0]! }, (_, i) => out!.data[i * size]);
};

describe('calls of a session', () => {
  it('that wait at the same moment share one, and each gets its own rows back', async () => {
    const session = new BatchedSession(doubling, { limit: 4 });
    const [a, b, c] = await Promise.all([
      session.run(rows([1, 2], { timestep: 10 })),
      session.run(rows([3], { timestep: 20 })),
      session.run(rows([4, 5], { timestep: 30 })),
    ]);
    expect([a, b, c].map(outputs => firsts(outputs!))).toEqual([[12, 14], [26], [38, 40]]);
    expect(b!.out!.dims).toEqual([1, 1, 1, 2]);
    expect(calls).toEqual([5]);
  });

  it('are told of, once for all that share one', async () => {
    let told = 0;
    const session = new BatchedSession(doubling, { limit: 4, onCall: () => told++ });
    await Promise.all([session.run(rows([1])), session.run(rows([2]))]);
    await session.run(rows([3]));
    expect(told).toBe(2);
  });

  it('are as many together as the limit says, first come, first served', async () => {
    const session = new BatchedSession(doubling, { limit: 2 });
    const ended: number[] = [];
    await Promise.all([1, 2, 3, 4, 5].map(value => session.run(rows([value])).then(() => ended.push(value))));
    expect(calls).toEqual([2, 2, 1]);
    expect(ended).toEqual([1, 2, 3, 4, 5]);
  });

  it('share none that is of another size, or is told something else', async () => {
    const session = new BatchedSession(doubling, { limit: 4 });
    const pooled = { text_embeds: { data: new Float32Array(2), dims: [2, 1] } };
    const outputs = await Promise.all([
      session.run(rows([1])),
      session.run(rows([2], { width: 3 })),
      session.run(rows([3])),
      session.run({ ...rows([4, 5]), ...pooled }),
      session.run(rows([6], { width: 3 })),
    ]);
    expect(outputs.map(firsts)).toEqual([[2], [4], [6], [8, 10], [12]]);
    expect(calls).toEqual([2, 2, 2]);
  });

  it('are made at once and on the very tensors they came with where nothing is to be shared', async () => {
    const seen: unknown[] = [];
    const plain: Session = {
      ...doubling,
      async run(inputs) {
        seen.push(inputs);
        return {};
      },
    };
    const inputs = rows([1]);
    void new BatchedSession(plain, { limit: 1 }).run(inputs);
    expect(seen[0]).toBe(inputs);
    await new BatchedSession(plain, { limit: 4 }).run(inputs);
    expect(seen[1]).toEqual(inputs);
    expect((seen[1] as typeof inputs).sample!.data).toBe(inputs.sample!.data);
  });

  it('are not put together where tensors are no rows of one batch', async () => {
    let made = 0;
    const plain: Session = {
      ...doubling,
      async run() {
        made++;
        return {};
      },
    };
    const session = new BatchedSession(plain, { limit: 4 });
    const scalar: Record<string, Tensor> = { ...rows([1]), scale: { data: Float32Array.of(2), dims: [] } };
    const whole: Record<string, Tensor> = { ids: { data: Int32Array.of(2), dims: [1] } };
    await Promise.all([scalar, scalar, whole, whole].map(inputs => session.run(inputs)));
    expect(made).toBe(4);
  });
});

describe('generations', () => {
  /** From a session to a plan it is many awaits, and back. */
  async function hops() {
    for (let hop = 0; hop < 30; hop++) await null;
  }

  /** Calls it so often, one after the other, and says what came of it. */
  async function generate(session: Session, steps: number, value: number, between = async () => {}) {
    const outputs: unknown[] = [];
    for (let step = 0; step < steps; step++) {
      outputs.push(...firsts(await session.run(rows([value], { timestep: step }))));
      await hops();
      await between();
    }
    return outputs;
  }
  const expected = (steps: number, value: number) => Array.from({ length: steps }, (_, step) => 2 * value + step);

  it('join and leave between two calls', async () => {
    const session = new BatchedSession(doubling, { limit: 4 });
    const long = generate(session, 10, 1);
    while (calls.length < 3) await turn();
    const short = generate(session, 4, 2);
    expect(await Promise.all([long, short])).toEqual([expected(10, 1), expected(4, 2)]);
    expect(calls).toHaveLength(10);
    expect(calls.filter(count => count === 2)).toHaveLength(4);
    expect(calls.at(-1)).toBe(1);
  });

  it('that join while a call is made are together from the next one on', async () => {
    const session = new BatchedSession(doubling, { limit: 4 });
    const all: Promise<unknown>[] = [];
    // At every moment of the turns that a call takes.
    for (let value = 0; value < 4; value++) {
      all.push(generate(session, 6, value));
      await turn();
    }
    await Promise.all(all);
    expect(calls.length).toBeLessThanOrEqual(9);
  });

  it('wait for none that is elsewhere for long, or never comes back', async () => {
    const session = new BatchedSession(doubling, { limit: 4 });
    const forever = new Promise<void>(() => undefined);
    void generate(session, 2, 9, () => forever);
    expect(await generate(session, 5, 1)).toEqual(expected(5, 1));
    expect(calls).toEqual([2, 1, 1, 1, 1]);
  });
});

describe('a call that fails', () => {
  it('fails only those whose fault it is', async () => {
    const picky: Session = {
      ...doubling,
      async run(inputs) {
        const outputs = await doubling.run(inputs);
        if ((inputs.sample as FloatTensor).data.includes(13)) throw new Error('unlucky');
        return outputs;
      },
    };
    let told = 0;
    const session = new BatchedSession(picky, { limit: 4, onCall: () => told++ });
    const ends = await Promise.allSettled([1, 13, 3].map(value => session.run(rows([value])).then(firsts)));
    expect(ends).toEqual([
      { status: 'fulfilled', value: [2] },
      { status: 'rejected', reason: new Error('unlucky') },
      { status: 'fulfilled', value: [6] },
    ]);
    expect(calls).toEqual([3, 1, 1, 1]);
    expect(told).toBe(4);
    expect(firsts(await session.run(rows([4])))).toEqual([8]);
  });

  it('is made again for each alone where only together they are too much, or come back as something else', async () => {
    const tooMuch: Session = {
      ...doubling,
      async run(inputs) {
        const { out } = await doubling.run(inputs);
        return calls.at(-1)! > 1 ? { out: { data: out!.data, dims: [1, ...out!.dims] } } : { out: out! };
      },
    };
    const session = new BatchedSession(tooMuch, { limit: 4 });
    const outputs = await Promise.all([session.run(rows([1])), session.run(rows([2]))]);
    expect(outputs.map(firsts)).toEqual([[2], [4]]);
    expect(calls).toEqual([2, 1, 1]);
  });
});

describe('batchUNet', () => {
  const built = { encode: () => new Uint8Array(), weightBytes: { held: 0, widened: 0 } };

  it('lets NaN fail only whose rows are not finite, without a second call', async () => {
    const runtime = batchUNet({ createSession: async () => doubling }, { limit: 4 });
    const unet = new Stage('unet', 'unet', runtime, () => built);
    const ends = await Promise.allSettled([1, Number.NaN, 3].map(value => unet.run(rows([value])).then(firsts)));
    expect(ends).toEqual([
      { status: 'fulfilled', value: [2] },
      { status: 'rejected', reason: expect.any(ModelError) },
      { status: 'fulfilled', value: [6] },
    ]);
    expect(calls).toEqual([3]);
  });

  it('leaves other parts alone', async () => {
    const runtime = batchUNet({ createSession: async () => doubling }, { limit: 4 });
    const weights = { held: 0, widened: 0 };
    expect(await runtime.createSession(new Uint8Array(), 'vae', weights)).toBe(doubling);
    expect(await runtime.createSession(new Uint8Array(), 'unet', weights)).not.toBe(doubling);
  });

  it('passes on that a session is to be there, and that it is no longer needed', async () => {
    const happened: string[] = [];
    const kept: Session = {
      ...doubling,
      load: async () => void happened.push('load'),
      release: async () => void happened.push('release'),
    };
    const runtime = batchUNet({ createSession: async () => kept }, { limit: 4 });
    const unet = new Stage('unet', 'unet', runtime, () => built);
    await unet.load();
    await unet.release();
    expect(happened).toEqual(['load', 'release']);
  });
});
