/** What a development has made so far, on disk: whoever goes on after a crash begins where it stopped. */
import { readSafetensors, writeSafetensors } from '../../models/checkpoint/safetensors.ts';
import type { Tensor } from '../../models/runtime.ts';
import type { StageTiming } from '../../schema/context.ts';

/** A Durable Object stores no value above 2 MB. */
const chunkBytes = 1_000_000;

/** Where its denoising can be gone on with. */
export interface Checkpoint {
  readonly step: number;
  readonly draws: number;
}

export interface SoFar {
  /** By the names that plans give them; with a checkpoint `resume` and `resume_<name>`. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly checkpoint: Checkpoint | null;
  readonly timings: readonly StageTiming[];
  /** Of backends, in the order in which they had a part in it. */
  readonly kinds: readonly string[];
}

/** What is not a tensor, and of which pieces the tensors are made. */
interface Index extends Omit<SoFar, 'tensors'> {
  readonly sets: Readonly<Record<string, number>>;
}

/** What is used of a Durable Object's storage. */
export interface ProgressStorage {
  get<T>(key: string): Promise<T | undefined>;
  get<T>(keys: string[]): Promise<Map<string, T>>;
  put(entries: Record<string, unknown>): Promise<void>;
  delete(keys: string[]): Promise<number>;
  list(options: { prefix: string }): Promise<Map<string, unknown>>;
}

const nothing: Index = { checkpoint: null, timings: [], kinds: [], sets: {} };

export class KeptProgress {
  readonly #storage: ProgressStorage;
  readonly #of: string;
  #index: Index = nothing;

  /** @param of whose it is, where an object makes the same latent for several who want everything computed */
  constructor(storage: ProgressStorage, of: string) {
    this.#storage = storage;
    this.#of = of;
  }

  async load(): Promise<SoFar> {
    this.#index = (await this.#storage.get<Index>(this.#key())) ?? nothing;
    const { sets, ...rest } = this.#index;
    const tensors = new Map<string, Tensor>();
    for (const [name, chunks] of Object.entries(sets)) {
      for (const [key, tensor] of await this.#read(name, chunks)) tensors.set(key, tensor);
    }
    return { ...rest, tensors };
  }

  /** What a stage has made. With the latent, where denoising could be gone on with is forgotten. */
  async stage(timing: StageTiming, kinds: readonly string[], tensors: ReadonlyMap<string, Tensor>): Promise<void> {
    const isDenoised = timing.stage === 'DENOISE';
    const timings = [...this.#index.timings, timing];
    await this.#put(timing.stage, tensors, { timings, kinds, ...(isDenoised && { checkpoint: null }) });
  }

  /** @param tensors `resume` and `resume_<name>` */
  async checkpoint(at: Checkpoint, kinds: readonly string[], tensors: ReadonlyMap<string, Tensor>): Promise<void> {
    await this.#put('checkpoint', tensors, { checkpoint: at, kinds });
  }

  /** What others may go on from after a step. */
  async kept(step: number, tensors: ReadonlyMap<string, Tensor>): Promise<void> {
    await this.#put(`at_${step}`, tensors, {});
  }

  /** It is stored where it belongs, or nobody wants it. */
  async clear(): Promise<void> {
    this.#index = nothing;
    const keys = [this.#key(), ...(await this.#storage.list({ prefix: `${this.#key()}/` })).keys()];
    for (let at = 0; at < keys.length; at += 128) await this.#storage.delete(keys.slice(at, at + 128));
  }

  #key(...parts: readonly (string | number)[]): string {
    return ['progress', this.#of, ...parts].join('/');
  }

  /** All at once: a crash leaves it as it was before, or as it is afterwards. */
  async #put(name: string, tensors: ReadonlyMap<string, Tensor>, change: Partial<Index>): Promise<void> {
    const entries: Record<string, unknown> = {};
    const sets = { ...this.#index.sets };
    if (tensors.size > 0) {
      const bytes = writeSafetensors(Object.fromEntries(tensors));
      const chunks = Math.ceil(bytes.length / chunkBytes);
      for (let i = 0; i < chunks; i++) {
        entries[this.#key(name, i)] = bytes.slice(i * chunkBytes, (i + 1) * chunkBytes);
      }
      sets[name] = chunks;
    }
    if (change.checkpoint === null) delete sets.checkpoint;
    this.#index = { ...this.#index, ...change, sets };
    entries[this.#key()] = this.#index;
    await this.#storage.put(entries);
  }

  async #read(name: string, chunks: number): Promise<ReadonlyMap<string, Tensor>> {
    const keys = Array.from({ length: chunks }, (_, i) => this.#key(name, i));
    const found = await this.#storage.get<Uint8Array>(keys);
    const parts = keys.map(key => found.get(key) ?? new Uint8Array(0));
    const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      bytes.set(part, at);
      at += part.length;
    }
    return readSafetensors(bytes);
  }
}
