import type { DType } from '../checkpoint/safetensors.ts';
import type { Weights } from '../checkpoint/weights.ts';
import type { WeightBytes } from '../runtime.ts';
import {
  type Attribute,
  type Constant,
  type ElementType,
  type ExternalTensor,
  encodeModel,
  type Node,
  type Port,
  type Subgraph,
} from './onnx.ts';

/** How a value is laid out. Layers take one kind and return one kind, so that mixing them up does not compile. */
export type Kind = 'feature map' | 'tokens' | 'vector';

/** A float32 value inside a graph. */
export interface Value<K extends Kind = Kind> {
  readonly name: string;
  readonly kind: K;
  /** The one size that is known while the graph is built, and that weights must agree with. */
  readonly channels: number;
}

/** `[batch, channels, height, width]` */
export type FeatureMap = Value<'feature map'>;
/** `[batch × sequence, channels]`: flat, so that a linear layer is one Gemm with PyTorch's own weights. */
export type Tokens = Value<'tokens'>;
/** `[batch, channels]` */
export type Vector = Value<'vector'>;

const elementTypeOf: Partial<Record<DType, ElementType>> = { F32: 'FLOAT', F16: 'FLOAT16', BF16: 'BFLOAT16' };

interface Parts {
  readonly name: string;
  readonly weights: Weights;
  /** Of the graph, or of the body that is being built. */
  nodes: Node[];
  readonly inputs: Port[];
  readonly outputs: Port[];
  readonly constants: Map<string, Constant>;
  readonly externals: Map<string, ExternalTensor>;
  /** Those of them that are computed with as float32, and are not stored so. */
  readonly widened: Set<ExternalTensor>;
  /** Names of values by what computes them: equal work is done once. */
  computed: Map<string, string>;
  /** How many values were named. */
  named: number;
}

/**
 * An ONNX graph being built, at a place in the checkpoint: `graph.at('conv_in')` is the same graph, with weight names
 * that begin with `conv_in.`. Weights become external data that points into the checkpoint's own file.
 *
 * @example
 * const graph = Graph.over('unet', weights);
 * const sample = graph.featureMap('sample', 4);
 * graph.output('out', conv2d(graph.at('conv_in'), sample, 320), ['batch', 320, 'height', 'width']);
 * const model = graph.encode();
 */
export class Graph {
  readonly #parts: Parts;
  readonly #prefix: string;

  private constructor(parts: Parts, prefix: string) {
    this.#parts = parts;
    this.#prefix = prefix;
  }

  /** An empty graph whose weights are those of one component. */
  static over(name: string, weights: Weights): Graph {
    const parts: Parts = {
      name,
      weights,
      nodes: [],
      inputs: [],
      outputs: [],
      constants: new Map(),
      externals: new Map(),
      widened: new Set(),
      computed: new Map(),
      named: 0,
    };
    return new Graph(parts, '');
  }

  /** The same graph, one level deeper in the checkpoint's names. */
  at(place: string | number): Graph {
    return new Graph(this.#parts, `${this.#prefix}${place}.`);
  }

  /** Declares an input. */
  input(name: string, type: ElementType, dims: readonly (number | string)[]): string {
    this.#parts.inputs.push({ name, type, dims });
    return name;
  }

  /** Declares a `[batch, channels, height, width] float32` input of any batch, height and width. */
  featureMap(name: string, channels: number): FeatureMap {
    return {
      name: this.input(name, 'FLOAT', ['batch', channels, 'height', 'width']),
      kind: 'feature map',
      channels,
    };
  }

  /** Declares a float32 output. */
  output(name: string, value: string | Value, dims: readonly (number | string)[]): void {
    const from = typeof value === 'string' ? value : value.name;
    this.#parts.nodes.push({ operator: 'Identity', inputs: [from], outputs: [name], attributes: {} });
    this.#parts.outputs.push({ name, type: 'FLOAT', dims });
  }

  /** Applies an ONNX operator and returns its only output. */
  node(operator: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}): string {
    const { nodes, computed } = this.#parts;
    const key = JSON.stringify([operator, inputs, attributes]);
    const known = computed.get(key);
    if (known) return known;
    const output = this.#name(operator.toLowerCase());
    nodes.push({ operator, inputs, outputs: [output], attributes });
    computed.set(key, output);
    return output;
  }

  /**
   * Does something over and over, ONNX's `Loop`: only one turn's values are in memory at a time.
   * @param turns how often, an `int64` scalar
   * @param build makes what a turn computes, a float32 value of the same size in each, from its number, an `int64` scalar
   * @param dims how many dimensions that has
   * @returns the turns' results, `[turns, …]`
   */
  loop(turns: string, build: (turn: string) => string, dims: number): string {
    const parts = this.#parts;
    const { nodes, computed } = parts;
    const [turn, goesOn, stillGoesOn, result] = ['turn', 'goes_on', 'still_goes_on', 'result'].map(each =>
      this.#name(each),
    ) as [string, string, string, string];
    // What was computed outside can be used inside, never the other way round.
    parts.nodes = [{ operator: 'Identity', inputs: [goesOn], outputs: [stillGoesOn], attributes: {} }];
    parts.computed = new Map(computed);
    parts.nodes.push({ operator: 'Identity', inputs: [build(turn)], outputs: [result], attributes: {} });
    const body: Subgraph = {
      name: this.#name('body'),
      nodes: parts.nodes,
      inputs: [
        { name: turn, type: 'INT64', dims: [] },
        { name: goesOn, type: 'BOOL', dims: [] },
      ],
      outputs: [
        { name: stillGoesOn, type: 'BOOL', dims: [] },
        { name: result, type: 'FLOAT', dims: Array.from({ length: dims }, (_, i) => `${result}_${i}`) },
      ],
    };
    parts.nodes = nodes;
    parts.computed = computed;
    const output = this.#name('loop');
    nodes.push({ operator: 'Loop', inputs: [turns, ''], outputs: [output], attributes: { body: { graph: body } } });
    return output;
  }

  /** A small constant `float32`; a scalar where `dims` is empty. */
  floats(values: Float32Array | readonly number[], dims: readonly number[] = [values.length]): string {
    return this.#constant('FLOAT', Float32Array.from(values), dims);
  }

  /** A small constant `int64`, e.g. a shape. */
  integers(values: readonly number[], dims: readonly number[] = [values.length]): string {
    return this.#constant('INT64', BigInt64Array.from(values, BigInt), dims);
  }

  /** Whether the checkpoint has this weight here. */
  has(name: string): boolean {
    return this.#parts.weights.has(this.#prefix + name);
  }

  /**
   * A learned tensor as float32.
   * @param shape what it must be in the checkpoint
   * @param view how the graph sees it: other dims over the same bytes, and of its rows only `[first, last)`
   * @throws CheckpointError when it is not there or has another shape
   */
  weight(
    name: string,
    shape: readonly number[],
    view: { readonly dims?: readonly number[]; readonly rows?: readonly [number, number] } = {},
  ): string {
    const stored = this.#external(name, shape, view);
    if (stored.type === 'FLOAT') return stored.name;
    this.#parts.widened.add(stored);
    return this.node('Cast', [stored.name], { to: 1 });
  }

  /**
   * Looks rows up in a learned table. Only the rows are widened to float32, never the table.
   * @param indices an integer value `[n]`
   * @returns `[n, width]`
   */
  rows(name: string, shape: readonly [number, number], indices: string): string {
    const table = this.#external(name, shape, {});
    const found = this.node('Gather', [table.name, indices], { axis: 0 });
    return table.type === 'FLOAT' ? found : this.node('Cast', [found], { to: 1 });
  }

  /** What the weights asked for so far take in a session. */
  get weightBytes(): WeightBytes {
    const { externals, widened } = this.#parts;
    let stored = 0;
    for (const { length } of externals.values()) stored += length;
    let halves = 0;
    for (const { length } of widened) halves += length;
    return { held: stored + halves, widened: 2 * halves };
  }

  /** What the locations of its weights are relative to, an absolute path; null: the component's folder. */
  get root(): string | null {
    return this.#parts.weights.root;
  }

  /** The graph as the bytes of an ONNX ModelProto. */
  encode(): Uint8Array<ArrayBuffer> {
    const { name, nodes, inputs, outputs, constants, externals } = this.#parts;
    return encodeModel({
      name,
      nodes,
      inputs,
      outputs,
      constants: [...constants.values()],
      externals: [...externals.values()],
    });
  }

  /** A name that no other value has. */
  #name(kind: string): string {
    return `${kind}_${this.#parts.named++}`;
  }

  #external(
    name: string,
    shape: readonly number[],
    { dims, rows }: { readonly dims?: readonly number[]; readonly rows?: readonly [number, number] },
  ): ExternalTensor {
    const full = this.#prefix + name;
    const key = JSON.stringify([full, dims, rows]);
    const known = this.#parts.externals.get(key);
    if (known) return known;
    const weight = this.#parts.weights.get(full, shape);
    const count = shape[0] ?? 1;
    const [first, last] = rows ?? [0, count];
    const rowBytes = (weight.end - weight.begin) / count;
    const external: ExternalTensor = {
      name: rows ? `${full}[${first}:${last}]` : dims ? `${full}[${dims.join('x')}]` : full,
      type: elementTypeOf[weight.dtype]!,
      dims: dims ?? (rows ? [last - first, ...shape.slice(1)] : shape),
      location: weight.location,
      offset: weight.begin + first * rowBytes,
      length: (last - first) * rowBytes,
    };
    this.#parts.externals.set(key, external);
    return external;
  }

  #constant(type: 'FLOAT' | 'INT64', data: Float32Array | BigInt64Array, dims: readonly number[]): string {
    const { constants } = this.#parts;
    const key = `${type} ${dims.join('x')} ${data.join()}`;
    const known = constants.get(key);
    if (known) return known.name;
    const name = `constant_${constants.size}`;
    constants.set(key, { name, type, dims, bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) });
    return name;
  }
}
