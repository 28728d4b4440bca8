/**
 * What the model code needs of an ONNX runtime. `models/` never imports a concrete one: `gpu-backend/` hands in
 * onnxruntime-node, a browser onnxruntime-web.
 */

export type TensorData = Float32Array | Int32Array | BigInt64Array | Uint8Array;

/** A dense row-major tensor. `data.length` is the product of `dims`. */
export interface Tensor<D extends TensorData = TensorData> {
  readonly data: D;
  readonly dims: readonly number[];
}

/** A `[...dims] float32` tensor: what every stage of the pipeline exchanges. */
export type FloatTensor = Tensor<Float32Array>;

/** What the weights of a session take in memory, in bytes. */
export interface WeightBytes {
  /** As float32, but for tables of which only rows are looked up: those stay as they are in the file. */
  readonly held: number;
  /** Those of `held` that were made from 16 bits: a runtime may hold them twice while it creates the session. */
  readonly widened: number;
}

/** The weights of one session: what they take, and where they are. */
export interface SessionWeights extends WeightBytes {
  /** Where the checkpoint's own files are links: what the model's locations are relative to, an absolute path. */
  readonly root?: string;
}

/** One graph, ready to run. */
export interface Session {
  /** Where a runtime gives up what a session holds until it is needed again: makes `run` ready to begin at once. */
  load?(): Promise<void>;
  /** Runs the graph once. Inputs and outputs by name. */
  run(inputs: Readonly<Record<string, Tensor>>): Promise<Record<string, FloatTensor>>;
  release(): Promise<void>;
}

/** Creates sessions from graphs whose initializers are external data inside a checkpoint's own weight files. */
export interface Runtime {
  /**
   * @param model an ONNX ModelProto whose external data locations are file names relative to `folder`, or to the
   *   weights' root where they have one
   * @param folder the part of the checkpoint, e.g. `unet`
   * @param weights what the session will take
   */
  createSession(model: Uint8Array, folder: string, weights: SessionWeights): Promise<Session>;
}
