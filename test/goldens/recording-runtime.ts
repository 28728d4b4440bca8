import { join, resolve } from 'node:path';
import { InferenceSession, Tensor as OnnxTensor } from 'onnxruntime-node';
import type { FloatTensor, Runtime, Session, SessionWeights } from '../../models/runtime.ts';
import { type Numbers, relativeError } from './difference.ts';
import { exposeIntermediates } from './onnx-intermediates.ts';

/**
 * ONNX Runtime on the CPU that remembers everything the last run of a session computed: what inner layers make is in no
 * model's interface, but reference data has it.
 */
export class RecordingRuntime implements Runtime {
  readonly #folder: string;
  #recorded: readonly FloatTensor[] = [];

  /** @param folder the checkpoint's */
  constructor(folder: string) {
    this.#folder = resolve(folder);
  }

  async createSession(model: Uint8Array, folder: string, { root }: SessionWeights): Promise<Session> {
    const session = await InferenceSession.create(exposeIntermediates(model), {
      executionProviders: ['cpu'],
      logSeverityLevel: 3,
      extra: { session: { model_external_initializers_file_folder_path: root ?? join(this.#folder, folder) } },
    });
    return {
      run: async inputs => {
        const feeds: Record<string, OnnxTensor> = {};
        for (const [name, { data, dims }] of Object.entries(inputs))
          feeds[name] = new OnnxTensor(data as Float32Array, dims);
        const outputs: Record<string, FloatTensor> = {};
        for (const [name, { data, dims }] of Object.entries(await session.run(feeds))) {
          if (data instanceof Float32Array) outputs[name] = { data, dims };
        }
        this.#recorded = Object.values(outputs);
        return outputs;
      },
      release: () => session.release(),
    };
  }

  /**
   * How far the nearest result of any layer is from the expected one; layers that make fewer or more numbers do not count.
   * @param items how many items of the batch were expected, where the reference kept only the first ones
   */
  nearest(expected: Numbers, batch: number): number {
    const items = expected.dims[0] ?? 1;
    // Some values have several rows for each item: then the reference has them all.
    const size = items < batch ? (expected.data.length / items) * batch : expected.data.length;
    const { dims } = expected;
    const errors = this.#recorded
      .filter(({ data }) => data.length === size)
      .map(({ data }) => relativeError({ data: data.subarray(0, expected.data.length), dims }, expected));
    return errors.reduce((least, error) => Math.min(least, error), Number.POSITIVE_INFINITY);
  }
}
