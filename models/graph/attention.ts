import type { Graph, Tokens } from './graph.ts';

/**
 * Scaled dot-product attention with several heads, softmax(Q Kᵀ / √d + mask) V (Vaswani et al. 2017,
 * https://arxiv.org/abs/1706.03762), as plain MatMul, Softmax, MatMul: exact on every execution provider.
 *
 * @param query `[batch × queries, channels]`
 * @param key `[batch × keys, channels]`
 * @param value `[batch × keys, channels]`
 * @param batch the batch size, an `int64[1]` value
 * @param mask added to the scores, `[queries, keys]`
 * @returns `[batch × queries, channels]`
 */
export function attention(
  graph: Graph,
  {
    query,
    key,
    value,
    heads,
    batch,
    mask,
  }: {
    readonly query: Tokens;
    readonly key: Tokens;
    readonly value: Tokens;
    readonly heads: number;
    readonly batch: string;
    readonly mask?: string;
  },
): Tokens {
  const width = query.channels / heads;
  const shape = heads === 1 ? [-1, width] : [-1, heads, width];
  const split = graph.node('Concat', [batch, graph.integers(shape)], { axis: 0 });
  // One head is already apart: only with several must the head's axis come before the sequence's.
  const apart = ({ name }: Tokens, perm: readonly number[] | null): string => {
    const parts = graph.node('Reshape', [name, split]);
    return perm ? graph.node('Transpose', [parts], { perm }) : parts;
  };
  const [rows, columns] =
    heads === 1
      ? [null, [0, 2, 1]]
      : [
          [0, 2, 1, 3],
          [0, 2, 3, 1],
        ];

  const q = apart(query, rows); //                                          [batch, heads, queries, width]
  const k = apart(key, columns); //                                         [batch, heads, width, keys]
  const v = apart(value, rows); //                                          [batch, heads, keys, width]
  const product = graph.node('MatMul', [q, k]); //                          [batch, heads, queries, keys]
  const scaled = graph.node('Mul', [product, graph.floats([1 / Math.sqrt(width)], [])]);
  const scores = mask === undefined ? scaled : graph.node('Add', [scaled, mask]);
  const weights = graph.node('Softmax', [scores], { axis: -1 });
  const mixed = graph.node('MatMul', [weights, v]); //                      [batch, heads, queries, width]
  const joined = rows ? graph.node('Transpose', [mixed], { perm: rows }) : mixed;
  return { ...query, name: graph.node('Reshape', [joined, graph.integers([-1, query.channels])]) };
}
