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

/** One graph, ready to run. */
export interface Session {
  /** Runs the graph once. Inputs and outputs by name. */
  run(inputs: Readonly<Record<string, Tensor>>): Promise<Record<string, FloatTensor>>;
  release(): Promise<void>;
}

/** Creates sessions from graphs whose initializers are external data inside a checkpoint's own weight files. */
export interface Runtime {
  /**
   * @param model an ONNX ModelProto whose external data locations are file names relative to `folder`
   * @param folder the part of the checkpoint the locations are relative to, e.g. `unet`
   */
  createSession(model: Uint8Array, folder: string): Promise<Session>;
}
