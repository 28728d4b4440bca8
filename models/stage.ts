import type { Graph } from './graph/graph.ts';
import { expectFinite } from './model-error.ts';
import type { FloatTensor, Runtime, Session, Tensor, WeightBytes } from './runtime.ts';

type Built = Pick<Graph, 'encode' | 'weightBytes'> & Partial<Pick<Graph, 'root'>>;

/** A graph of the pipeline. Its session is created when it is first run, and again after it was released. */
export class Stage {
  readonly #name: string;
  readonly #folder: string;
  readonly #runtime: Runtime;
  readonly #build: () => Built;
  #session: Promise<Session> | null = null;

  /**
   * @param name what errors call it
   * @param folder where the checkpoint keeps its weights
   * @param build makes the graph; throws CheckpointError when a weight is missing or has another shape
   */
  constructor(name: string, folder: string, runtime: Runtime, build: () => Built) {
    this.#name = name;
    this.#folder = folder;
    this.#runtime = runtime;
    this.#build = build;
  }

  /**
   * Builds the graph, which looks at every weight's place and shape, and forgets it.
   * @returns what a session of it takes
   * @throws CheckpointError
   */
  check(): WeightBytes {
    return this.#build().weightBytes;
  }

  /** Creates the session now, so that the first run does not have to. @throws CheckpointError */
  async load(): Promise<void> {
    const session = await this.#open();
    await session.load?.();
  }

  /** @throws CheckpointError, or ModelError when an output holds NaN or infinity */
  async run(inputs: Readonly<Record<string, Tensor>>): Promise<Record<string, FloatTensor>> {
    const session = await this.#open();
    const outputs = await session.run(inputs);
    for (const output of Object.values(outputs)) expectFinite(this.#name, output.data);
    return outputs;
  }

  async release(): Promise<void> {
    const session = this.#session;
    this.#session = null;
    // A session that could not be created has nothing to release.
    await session?.then(opened => opened.release()).catch(() => undefined);
  }

  #open(): Promise<Session> {
    if (!this.#session) {
      const opening = (async () => {
        const graph = this.#build();
        const { weightBytes, root = null } = graph;
        const weights = root === null ? weightBytes : { ...weightBytes, root };
        return this.#runtime.createSession(graph.encode(), this.#folder, weights);
      })();
      this.#session = opening;
      opening.catch(() => {
        if (this.#session === opening) this.#session = null;
      });
    }
    return this.#session;
  }
}
