import { MersenneTwister } from './noise/mersenne-twister.ts';
import type { FloatTensor, Tensor } from './runtime.ts';

/** From this many elements on, PyTorch's CPU kernel fills whole blocks instead of drawing one value after another. */
const blockwiseFrom = 16;

/**
 * The random numbers of `torch.Generator('cpu')`: the same seed gives the same noise as PyTorch (to 5e-6, the
 * difference between its own CPU kernels), draw after draw on one generator.
 *
 * Source: what PyTorch's CPU generator does, checked against draws made with it (`test/goldens/`). Box and Muller,
 * "A note on the generation of random normal deviates", 1958, over {@link MersenneTwister}.
 *
 * @example
 * const generator = new TorchGenerator(42n);
 * const latent = generator.randn([1, 8, 16, 16]);
 */
export class TorchGenerator {
  readonly #engine: MersenneTwister;
  /** Box–Muller makes normals in pairs; a scalar draw keeps the second one for the next scalar draw. */
  #spareNormal: number | undefined;

  /**
   * @param seed any integer; only its low 32 bits count, as in PyTorch
   * @throws RangeError when a number is not an integer
   */
  constructor(seed: bigint | number) {
    this.#engine = new MersenneTwister(Number(BigInt.asUintN(32, BigInt(seed))));
  }

  /** `torch.randn(shape)`: standard normal float32. */
  randn(shape: readonly number[]): FloatTensor {
    const data = new Float32Array(elements(shape));
    this.#fillNormal(data, () => this.#uniform24(), Math.fround);
    return { data, dims: shape };
  }

  /** `torch.randn(shape, dtype=torch.float64)`: not the float32 draw with more digits, but other numbers. */
  randnDouble(shape: readonly number[]): { readonly data: Float64Array; readonly dims: readonly number[] } {
    const data = new Float64Array(elements(shape));
    this.#fillNormal(
      data,
      () => this.#uniform53(),
      x => x,
    );
    return { data, dims: shape };
  }

  /** `torch.rand(shape)`: uniform float32 in `[0, 1)`. */
  rand(shape: readonly number[]): FloatTensor {
    const data = new Float32Array(elements(shape));
    for (let i = 0; i < data.length; i++) data[i] = this.#uniform24();
    return { data, dims: shape };
  }

  /**
   * `torch.randint(low, high, shape, dtype=torch.int32)`: integers in `[low, high)`.
   * @throws RangeError unless `low < high` and both are 32-bit
   */
  randint(low: number, high: number, shape: readonly number[]): Tensor<Int32Array> {
    if (!(low < high) || low !== (low | 0) || high - 1 !== ((high - 1) | 0)) {
      throw new RangeError(`randint from ${low} to ${high}, expected 32-bit integers in ascending order`);
    }
    const data = new Int32Array(elements(shape));
    for (let i = 0; i < data.length; i++) data[i] = low + (this.#engine.next() % (high - low));
    return { data, dims: shape };
  }

  #fillNormal(data: Float32Array | Float64Array, uniform: () => number, round: (x: number) => number): void {
    if (data.length < blockwiseFrom) {
      for (let i = 0; i < data.length; i++) data[i] = this.#scalarNormal();
      return;
    }
    for (let i = 0; i < data.length; i++) data[i] = uniform();
    for (let block = 0; block + blockwiseFrom <= data.length; block += blockwiseFrom) boxMuller(data, block, round);
    if (data.length % blockwiseFrom === 0) return;
    // What does not fill a block is made by drawing the last 16 anew, over values that are done.
    const tail = data.length - blockwiseFrom;
    for (let i = tail; i < data.length; i++) data[i] = uniform();
    boxMuller(data, tail, round);
  }

  #scalarNormal(): number {
    const spare = this.#spareNormal;
    this.#spareNormal = undefined;
    if (spare !== undefined) return spare;
    const angle = 2 * Math.PI * this.#uniform53();
    const radius = Math.sqrt(-2 * Math.log1p(-this.#uniform53()));
    this.#spareNormal = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** Uniform in `[0, 1)` with the 24 bits a float32 holds. */
  #uniform24(): number {
    return (this.#engine.next() & 0xff_ffff) * 2 ** -24;
  }

  /** Uniform in `[0, 1)` with the 53 bits a float64 holds, the first draw being the upper half. */
  #uniform53(): number {
    const high = this.#engine.next() & 0x1f_ffff;
    return (high * 2 ** 32 + this.#engine.next()) * 2 ** -53;
  }
}

/**
 * Turns 16 uniform values into normal ones in place: value `j` gives the radius, value `j + 8` the angle of a pair.
 * @param round to the precision of `data`, after every operation, as the kernel computes
 */
function boxMuller(data: Float32Array | Float64Array, at: number, round: (x: number) => number): void {
  const tau = round(2 * Math.PI);
  for (let j = at; j < at + 8; j++) {
    const radius = round(Math.sqrt(round(-2 * round(Math.log(round(1 - data[j]!))))));
    const angle = round(tau * data[j + 8]!);
    data[j] = radius * round(Math.cos(angle));
    data[j + 8] = radius * round(Math.sin(angle));
  }
}

function elements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
