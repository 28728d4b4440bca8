/** A worker with nothing but an embedded similarity index, asked in JSON. */
import { EmbeddedIndex } from '../../worker/similarity/embedded-index.ts';
import type { Collection, NearestQuery } from '../../worker/similarity/similarity-index.ts';
import type { SimilarityShard } from '../../worker/similarity/similarity-shard.ts';
import { type Lying, syntheticVector } from './synthetic-vectors.ts';

export { SimilarityShard } from '../../worker/similarity/similarity-shard.ts';

/** Numbers as JSON has them: a list, or the synthetic vector with a number. */
type Numbers = readonly (number | 'NaN' | 'Infinity')[] | { readonly synthetic: number; readonly lying?: Lying };

export type IndexCall =
  | { readonly call: 'put'; readonly vectors: readonly { readonly id: string; readonly numbers: Numbers }[] }
  /** Puts synthetic vectors. */
  | { readonly call: 'fill'; readonly from: number; readonly to: number; readonly lying?: Lying }
  | { readonly call: 'delete'; readonly ids: readonly string[] }
  | { readonly call: 'nearest'; readonly query: Omit<NearestQuery, 'numbers'> & { readonly numbers: Numbers } }
  | { readonly call: 'size' };

interface TestEnv {
  readonly SIMILARITY: DurableObjectNamespace<SimilarityShard>;
}

export default {
  async fetch(request: Request, env: TestEnv): Promise<Response> {
    const { collection, ...call } = (await request.json()) as IndexCall & { collection: Collection };
    try {
      return Response.json({ answer: (await answer(env, collection, call)) ?? null });
    } catch (error) {
      const { name, message } = error as Error;
      return Response.json({ error: { name, message } });
    }
  },
};

async function answer(env: TestEnv, collection: Collection, call: IndexCall): Promise<unknown> {
  const index = new EmbeddedIndex(env.SIMILARITY);
  const dimensions = collection.shape.reduce((product, side) => product * side, 1);
  const read = (numbers: Numbers) =>
    'synthetic' in numbers
      ? syntheticVector(numbers.synthetic, dimensions, numbers.lying).numbers
      : Float32Array.from(numbers, Number);
  switch (call.call) {
    case 'put':
      return index.put(
        collection,
        call.vectors.map(({ id, numbers }) => ({ id, numbers: read(numbers) })),
      );
    case 'fill':
      return index.put(
        collection,
        Array.from({ length: call.to - call.from }, (_, i) => syntheticVector(call.from + i, dimensions, call.lying)),
      );
    case 'delete':
      return index.delete(collection, call.ids);
    case 'nearest':
      return index.nearest(collection, { ...call.query, numbers: read(call.query.numbers) });
    case 'size':
      return index.size(collection);
  }
}
