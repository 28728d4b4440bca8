/**
 * Stands in for Cloudflare Vectorize, which there is none of on one machine. Written from the binding's types and the
 * limits that its documentation names; like the real one it throws where they are passed, and sees what was put or
 * deleted only later.
 */

interface Stored {
  readonly values: Float32Array;
  readonly namespace: string | undefined;
}

export class VectorizeDouble implements Vectorize {
  readonly dimensions: number;
  readonly #stored = new Map<string, Stored>();
  #pending: (() => void)[] = [];
  /** Calls, in order. */
  readonly asked: string[] = [];

  constructor(dimensions: number) {
    this.dimensions = dimensions;
  }

  /** What takes the real one some seconds. */
  settle(): void {
    for (const apply of this.#pending) apply();
    this.#pending = [];
  }

  async describe(): Promise<VectorizeIndexInfo> {
    this.asked.push('describe');
    const { dimensions } = this;
    return { vectorCount: this.#stored.size, dimensions, processedUpToDatetime: 0, processedUpToMutation: 0 };
  }

  async query(
    vector: VectorFloatArray | number[],
    { topK = 5, namespace, returnValues = false, returnMetadata = 'none' }: VectorizeQueryOptions = {},
  ): Promise<VectorizeMatches> {
    this.asked.push('query');
    this.#expectDimensions(vector);
    const most = returnValues || (returnMetadata !== 'none' && returnMetadata !== false) ? 20 : 100;
    expectAtMost('topK', topK, most);
    const matches = [...this.#stored]
      .filter(([, stored]) => stored.namespace === namespace)
      // About right: the real one's scores are approximate where values are not returned.
      .map(([id, { values }]) => ({ id, score: Math.fround(cosineOf(vector, values)) }))
      .sort((a, b) => b.score - a.score)
      .slice(0, topK);
    return { matches, count: matches.length };
  }

  async queryById(): Promise<VectorizeMatches> {
    throw new Error('nobody asks for that');
  }

  async insert(): Promise<VectorizeAsyncMutation> {
    throw new Error('nobody asks for that');
  }

  async upsert(vectors: VectorizeVector[]): Promise<VectorizeAsyncMutation> {
    this.asked.push(`upsert ${vectors.length}`);
    expectAtMost('vectors', vectors.length, 1_000);
    for (const { id, values, namespace } of vectors) {
      expectBytes('id', id);
      expectBytes('namespace', namespace ?? '');
      this.#expectDimensions(values);
      const stored = { values: Float32Array.from(values), namespace };
      this.#pending.push(() => this.#stored.set(id, stored));
    }
    return { mutationId: crypto.randomUUID() };
  }

  async deleteByIds(ids: string[]): Promise<VectorizeAsyncMutation> {
    this.asked.push(`delete ${ids.length}`);
    expectAtMost('ids', ids.length, 100);
    for (const id of ids) this.#pending.push(() => this.#stored.delete(id));
    return { mutationId: crypto.randomUUID() };
  }

  async getByIds(ids: string[]): Promise<VectorizeVector[]> {
    this.asked.push(`get ${ids.length}`);
    expectAtMost('ids', ids.length, 20);
    return ids.flatMap(id => {
      const stored = this.#stored.get(id);
      return stored
        ? [{ id, values: [...stored.values], ...(stored.namespace && { namespace: stored.namespace }) }]
        : [];
    });
  }

  #expectDimensions(values: VectorFloatArray | number[]): void {
    if (values.length !== this.dimensions) {
      throw new Error(`VECTOR_ERROR: ${values.length} dimensions, expected ${this.dimensions}`);
    }
  }
}

function expectAtMost(what: string, found: number, most: number): void {
  if (found > most) throw new Error(`VECTOR_ERROR: ${what} ${found}, at most ${most}`);
}

function expectBytes(what: string, text: string): void {
  expectAtMost(`bytes of ${what}`, new TextEncoder().encode(text).length, 64);
}

function cosineOf(x: ArrayLike<number>, y: ArrayLike<number>): number {
  let [xy, xx, yy] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    xy += x[i]! * y[i]!;
    xx += x[i]! ** 2;
    yy += y[i]! ** 2;
  }
  return xy / Math.sqrt(xx * yy);
}
