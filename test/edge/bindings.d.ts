/**
 * Names of the edge's runtime, for tests that run its code on Node. Whether the code uses them as they are is checked by
 * tsconfig.edge.json, with the runtime's own types.
 */
interface R2Bucket {
  get(name: string): Promise<{
    arrayBuffer(): Promise<ArrayBuffer>;
    json<T>(): Promise<T>;
    readonly body: ReadableStream<Uint8Array>;
    readonly size: number;
    customMetadata?: Record<string, string>;
  } | null>;
  put(
    name: string,
    value: string | Uint8Array | ReadableStream<Uint8Array>,
    options?: { customMetadata?: Record<string, string>; sha256?: string },
  ): Promise<unknown>;
  delete(names: string | string[]): Promise<void>;
  head(name: string): Promise<{ size: number } | null>;
  list(options: { prefix: string; cursor?: string }): Promise<{
    objects: { key: string; size: number; uploaded: Date }[];
    truncated: boolean;
    cursor?: string;
  }>;
}
interface D1PreparedStatement {
  bind(...values: readonly (string | number | null)[]): D1PreparedStatement;
  first<T>(): Promise<T | null>;
  all<T>(): Promise<{ results: T[] }>;
  run(): Promise<{ meta: { changes: number } }>;
}
interface D1Database {
  prepare(sql: string): D1PreparedStatement;
  batch<T>(statements: readonly D1PreparedStatement[]): Promise<{ results: T[]; meta: { changes: number } }[]>;
}
interface KVNamespace {
  get<T>(name: string, type: 'json'): Promise<T | null>;
  put(name: string, value: string): Promise<void>;
}
declare class FixedLengthStream extends TransformStream<Uint8Array, Uint8Array> {
  constructor(bytes: number);
}
type Fetcher = ReturnType<typeof JSON.parse>;
interface SqlStorage {
  readonly databaseSize: number;
  exec<Row>(
    sql: string,
    ...values: readonly (ArrayBuffer | string | number | null)[]
  ): Iterable<Row> & {
    toArray(): Row[];
    one(): Row;
  };
}
interface DurableObjectState {
  readonly id: { toString(): string };
  readonly storage: {
    readonly sql: SqlStorage;
    transactionSync<T>(work: () => T): T;
    get<T>(key: string): Promise<T | undefined>;
    get<T>(keys: string[]): Promise<Map<string, T>>;
    delete(keys: string[]): Promise<number>;
    list(options: { prefix: string }): Promise<Map<string, unknown>>;
    put(key: string, value: unknown): Promise<void>;
    put(entries: object): Promise<void>;
    deleteAll(): Promise<void>;
    deleteAlarm(): Promise<void>;
    getAlarm(): Promise<number | null>;
    setAlarm(time: number): Promise<void>;
  };
  waitUntil(work: Promise<unknown>): void;
  blockConcurrencyWhile<T>(work: () => Promise<T>): Promise<T>;
}
type VectorFloatArray = Float32Array | Float64Array;
interface VectorizeVector {
  id: string;
  values: VectorFloatArray | number[];
  namespace?: string;
}
interface VectorizeQueryOptions {
  topK?: number;
  namespace?: string;
  returnValues?: boolean;
  returnMetadata?: boolean | 'all' | 'indexed' | 'none';
}
interface VectorizeMatches {
  matches: { id: string; score: number }[];
  count: number;
}
interface VectorizeAsyncMutation {
  mutationId: string;
}
interface VectorizeIndexInfo {
  vectorCount: number;
  dimensions: number;
  processedUpToDatetime: number;
  processedUpToMutation: number;
}
interface Vectorize {
  describe(): Promise<VectorizeIndexInfo>;
  query(vector: VectorFloatArray | number[], options?: VectorizeQueryOptions): Promise<VectorizeMatches>;
  upsert(vectors: VectorizeVector[]): Promise<VectorizeAsyncMutation>;
  deleteByIds(ids: string[]): Promise<VectorizeAsyncMutation>;
  getByIds(ids: string[]): Promise<VectorizeVector[]>;
}
type DurableObjectNamespace<_> = ReturnType<typeof JSON.parse>;
type DurableObjectStub<T> = T;
type Env = ReturnType<typeof JSON.parse>;

declare module 'cloudflare:workers' {
  class DurableObject<E> {
    protected ctx: DurableObjectState;
    protected env: E;
    constructor(ctx: DurableObjectState, env: E);
    alarm?(): Promise<void>;
  }
}

declare module '*.wasm' {
  const module: WebAssembly.Module;
  export default module;
}

declare module '*.woff' {
  const file: ArrayBuffer;
  export default file;
}
