import type { Graph, Tokens } from './graph.ts';

interface Attention {
  readonly query: Tokens;
  readonly key: Tokens;
  readonly value: Tokens;
  readonly heads: number;
  readonly batch: string;
  readonly mask?: string;
  readonly scoresAtOnce?: number | undefined;
}

/** A good bound where there may be many: 64 MiB of them. */
export const boundedScores = 2 ** 24;

/**
 * Whether all scores at once could be too many: for pictures of up to four times the checkpoint's own side. Where they
 * could not, a graph without a loop can run as a whole on every execution provider.
 * @param heads times the batch
 * @param pixels of a picture of the checkpoint's own size, where they attend
 */
export function needsBound(heads: number, pixels: number): boolean {
  return heads * (4 ** 2 * pixels) ** 2 > 4 * boundedScores;
}

/**
 * Scaled dot-product attention with several heads, softmax(Q Kᵀ / √d + mask) V (Vaswani et al. 2017,
 * https://arxiv.org/abs/1706.03762), as plain MatMul, Softmax, MatMul: exact on every execution provider.
 *
 * @param query `[batch × queries, channels]`
 * @param key `[batch × keys, channels]`
 * @param value `[batch × keys, channels]`
 * @param batch the batch size, an `int64[1]` value
 * @param mask added to the scores, `[queries, keys]`; not where those are bounded
 * @param scoresAtOnce how many scores, `[batch, heads, queries, keys]`, are in memory at a time: some queries come after
 *   the others then (Rabe and Staats 2021, https://arxiv.org/abs/2112.05682, section 3). Default: all
 * @returns `[batch × queries, channels]`
 */
export function attention(graph: Graph, parts: Attention): Tokens {
  const { query, key, value, heads, batch, mask, scoresAtOnce } = parts;
  const width = query.channels / heads;
  const shape = heads === 1 ? [-1, width] : [-1, heads, width];
  const split = graph.node('Concat', [batch, graph.integers(shape)], { axis: 0 });
  // One head is already apart: only with several must the head's axis come before the sequence's.
  const parted = ({ name }: Tokens, perm: readonly number[] | null): string => {
    const reshaped = graph.node('Reshape', [name, split]);
    return perm ? graph.node('Transpose', [reshaped], { perm }) : reshaped;
  };
  const [rows, columns] =
    heads === 1
      ? [null, [0, 2, 1]]
      : [
          [0, 2, 1, 3],
          [0, 2, 3, 1],
        ];

  const q = parted(query, rows); //                                          [batch, heads, queries, width]
  const k = parted(key, columns); //                                         [batch, heads, width, keys]
  const v = parted(value, rows); //                                          [batch, heads, keys, width]
  if (scoresAtOnce !== undefined) {
    return { ...query, name: chunkByChunk(graph, { q, k, v, channels: query.channels, heads, scoresAtOnce }) };
  }
  const product = graph.node('MatMul', [q, k]); //                          [batch, heads, queries, keys]
  const scaled = graph.node('Mul', [product, graph.floats([1 / Math.sqrt(width)], [])]);
  const scores = mask === undefined ? scaled : graph.node('Add', [scaled, mask]);
  const weights = graph.node('Softmax', [scores], { axis: -1 });
  const mixed = graph.node('MatMul', [weights, v]); //                      [batch, heads, queries, width]
  const joined = rows ? graph.node('Transpose', [mixed], { perm: rows }) : mixed;
  return { ...query, name: graph.node('Reshape', [joined, graph.integers([-1, query.channels])]) };
}

/** The same over a number of queries at a time, as many for each chunk; what the last one lacks are zeros. */
function chunkByChunk(
  graph: Graph,
  {
    q,
    k,
    v,
    channels,
    heads,
    scoresAtOnce,
  }: {
    readonly q: string;
    readonly k: string;
    readonly v: string;
    readonly channels: number;
    readonly heads: number;
    readonly scoresAtOnce: number;
  },
): string {
  const axis = heads === 1 ? 1 : 2;
  const one = graph.integers([1]);
  const zero = graph.integers([0]);
  const up = (a: string, b: string) => graph.node('Div', [graph.node('Sub', [graph.node('Add', [a, b]), one]), b]); // a / b, rounded up

  const queries = graph.node('Shape', [q], { start: axis, end: axis + 1 });
  const others = graph.node(
    'Concat',
    [graph.node('Shape', [q], { start: 0, end: axis }), graph.node('Shape', [k], { start: axis + 1, end: axis + 2 })],
    { axis: 0 },
  );
  const perQuery = graph.node('ReduceProd', [others], { keepdims: 1 }); //   scores: batch × heads × keys
  const most = graph.node('Max', [graph.node('Div', [graph.integers([scoresAtOnce]), perQuery]), one]);
  const chunks = up(queries, graph.node('Min', [most, queries]));
  const rows = up(queries, chunks);
  const lacking = graph.node('Sub', [graph.node('Mul', [chunks, rows]), queries]);
  const before = graph.integers(new Array<number>(axis + 2).fill(0));
  const after = graph.node('Concat', [graph.integers(new Array<number>(axis).fill(0)), lacking, zero], { axis: 0 });
  const width = channels / heads;
  const scaled = graph.node('Mul', [q, graph.floats([1 / Math.sqrt(width)], [])]);
  const whole = graph.node('Pad', [scaled, graph.node('Concat', [before, after], { axis: 0 })]);

  const mixed = graph.loop(
    graph.node('Squeeze', [chunks]),
    chunk => {
      const begin = graph.node('Mul', [graph.node('Unsqueeze', [chunk, zero]), rows]);
      const part = graph.node('Slice', [whole, begin, graph.node('Add', [begin, rows]), graph.integers([axis])]);
      const weights = graph.node('Softmax', [graph.node('MatMul', [part, k])], { axis: -1 });
      return graph.node('MatMul', [weights, v]); //                          [batch, heads, rows, width]
    },
    axis + 2,
  );
  // [chunks, batch, heads, rows, width] to [batch, chunks, rows, heads, width]
  const inOrder = graph.node('Transpose', [mixed], { perm: heads === 1 ? [1, 0, 2, 3] : [1, 0, 3, 2, 4] });
  const perItem = graph.node(
    'Concat',
    [graph.node('Shape', [q], { start: 0, end: 1 }), graph.integers([-1, channels])],
    { axis: 0 },
  );
  const joined = graph.node('Reshape', [inOrder, perItem]);
  const asked = graph.node('Slice', [joined, zero, queries, one]);
  return graph.node('Reshape', [asked, graph.integers([-1, channels])]);
}
