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
 * @param apart one head after the other: the scores, `[batch, heads, queries, keys]`, are never in memory all at once
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
    apart = false,
  }: {
    readonly query: Tokens;
    readonly key: Tokens;
    readonly value: Tokens;
    readonly heads: number;
    readonly batch: string;
    readonly mask?: string;
    readonly apart?: boolean;
  },
): Tokens {
  if (apart && heads > 1) return headByHead(graph, query, key, value, heads, batch);
  const width = query.channels / heads;
  const shape = heads === 1 ? [-1, width] : [-1, heads, width];
  const split = graph.node('Concat', [batch, graph.integers(shape)], { axis: 0 });
  // One head is already apart: only with several must the head's axis come before the sequence's.
  const parted = ({ name }: Tokens, perm: readonly number[] | null): string => {
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

  const q = parted(query, rows); //                                          [batch, heads, queries, width]
  const k = parted(key, columns); //                                         [batch, heads, width, keys]
  const v = parted(value, rows); //                                          [batch, heads, keys, width]
  const product = graph.node('MatMul', [q, k]); //                          [batch, heads, queries, keys]
  const scaled = graph.node('Mul', [product, graph.floats([1 / Math.sqrt(width)], [])]);
  const scores = mask === undefined ? scaled : graph.node('Add', [scaled, mask]);
  const weights = graph.node('Softmax', [scores], { axis: -1 });
  const mixed = graph.node('MatMul', [weights, v]); //                      [batch, heads, queries, width]
  const joined = rows ? graph.node('Transpose', [mixed], { perm: rows }) : mixed;
  return { ...query, name: graph.node('Reshape', [joined, graph.integers([-1, query.channels])]) };
}

/** The same without a mask. Every head has its own few operators, so this is for large pictures. */
function headByHead(graph: Graph, query: Tokens, key: Tokens, value: Tokens, heads: number, batch: string): Tokens {
  const { channels } = query;
  const width = channels / heads;
  const perItem = graph.node('Concat', [batch, graph.integers([-1, channels])], { axis: 0 });
  const whole = ({ name }: Tokens) => graph.node('Reshape', [name, perItem]); //     [batch, sequence, channels]
  const part = (name: string, head: number, axis: number) =>
    graph.node('Slice', [
      name,
      graph.integers([head * width]),
      graph.integers([(head + 1) * width]),
      graph.integers([axis]),
    ]);
  const q = graph.node('Mul', [whole(query), graph.floats([1 / Math.sqrt(width)], [])]);
  const k = graph.node('Transpose', [whole(key)], { perm: [0, 2, 1] }); //           [batch, channels, keys]
  const v = whole(value);
  const mixed = Array.from({ length: heads }, (_, head) => {
    const scores = graph.node('MatMul', [part(q, head, 2), part(k, head, 1)]); //    [batch, queries, keys]
    return graph.node('MatMul', [graph.node('Softmax', [scores], { axis: -1 }), part(v, head, 2)]);
  });
  const joined = graph.node('Concat', mixed, { axis: 2 });
  return { ...query, name: graph.node('Reshape', [joined, graph.integers([-1, channels])]) };
}
