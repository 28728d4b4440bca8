/**
 * Names of the edge's runtime, for tests that run its code on Node. Whether the code uses them as they are is checked by
 * tsconfig.edge.json, with the runtime's own types.
 */
type R2Bucket = ReturnType<typeof JSON.parse>;
interface D1PreparedStatement {
  bind(...values: readonly (string | number | null)[]): D1PreparedStatement;
  first<T>(): Promise<T | null>;
  all<T>(): Promise<{ results: T[] }>;
  run(): Promise<{ meta: { changes: number } }>;
}
interface D1Database {
  prepare(sql: string): D1PreparedStatement;
  batch(statements: readonly D1PreparedStatement[]): Promise<unknown>;
}
interface KVNamespace {
  get<T>(name: string, type: 'json'): Promise<T | null>;
  put(name: string, value: string): Promise<void>;
}
type Fetcher = ReturnType<typeof JSON.parse>;
type DurableObjectState = ReturnType<typeof JSON.parse>;
type DurableObjectNamespace<_> = ReturnType<typeof JSON.parse>;
type Env = ReturnType<typeof JSON.parse>;

declare module 'cloudflare:workers' {
  class DurableObject<E> {
    protected ctx: DurableObjectState;
    protected env: E;
    constructor(ctx: DurableObjectState, env: E);
  }
}
