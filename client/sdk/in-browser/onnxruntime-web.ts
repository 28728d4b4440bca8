import type { InferenceSession, Tensor as OnnxTensor } from 'onnxruntime-web/wasm';
import type { CheckpointFiles } from '../../../models/checkpoint/files.ts';
import type { FloatTensor, Runtime, Session, Tensor } from '../../../models/runtime.ts';
import { Turns } from './turns.ts';

/** What models compute on: the graphics processor, or the processor through WebAssembly. */
export type Provider = 'webgpu' | 'wasm';

export interface WebRuntimeOptions {
  /** Default: WebGPU where there is one, else WASM. Where WebGPU fails, WASM takes over. */
  readonly provider?: Provider | undefined;
  /**
   * Threads of WASM. Only a page that is isolated from other origins (COOP and COEP) has more than one. Default: the
   * processor's, at most 8. The first runtime of a page decides for all.
   */
  readonly threads?: number | undefined;
  /**
   * The folder, with a slash at its end, that `ort-wasm-simd-threaded.mjs` and `.wasm` of onnxruntime-web are served from, and
   * for WebGPU those with `.jspi`. Default: where the bundler has put them. The first runtime of a page decides for all.
   */
  readonly wasmPaths?: string | undefined;
  /** Called when WebGPU has failed, for all models or for one of them. */
  readonly onFallback?: ((reason: string) => void) | undefined;
}

/** Where the weights are: they may be forgotten once a session has them. */
export type WeightSource = Pick<CheckpointFiles, 'list' | 'read'> & { forget?(path: string): void };

/** As much of onnxruntime-web as is used; its entries differ in what they can compute on. */
type Ort = Pick<typeof import('onnxruntime-web/wasm'), 'InferenceSession' | 'Tensor' | 'env'>;

/** onnxruntime-web of this page has one WebAssembly instance: what it does for one session must not overlap with another. */
const turns = new Turns();
const loaded = new Map<Provider, Promise<Ort>>();

/**
 * ONNX Runtime in a browser, over weights that are fetched. onnxruntime-web, some megabytes, is loaded when the first session
 * is created. Computing blocks the thread that it is called on: call it in a Web Worker.
 *
 * @example
 * const runtime = await WebRuntime.open(files, { provider: 'wasm', wasmPaths: '/assets/ort/' });
 * const decoder = await LatentDecoder.open(files, runtime);
 */
export class WebRuntime implements Runtime {
  readonly #files: WeightSource;
  readonly #options: WebRuntimeOptions;
  #provider: Provider;

  private constructor(files: WeightSource, options: WebRuntimeOptions, provider: Provider) {
    this.#files = files;
    this.#options = options;
    this.#provider = provider;
  }

  static async open(files: WeightSource, options: WebRuntimeOptions = {}): Promise<WebRuntime> {
    return new WebRuntime(files, options, options.provider ?? ((await hasWebGpu()) ? 'webgpu' : 'wasm'));
  }

  /** What sessions are created on, as far as it is known by now. */
  get provider(): Provider {
    return this.#provider;
  }

  /** @throws onnxruntime-web's Error when it is created on none; whatever reading the weights throws */
  async createSession(model: Uint8Array, folder: string): Promise<Session> {
    let session = await this.#create(model, folder);
    return {
      run: async inputs => {
        try {
          return await turns.take(() => run(session, inputs));
        } catch (error) {
          // What one graph cannot be computed on others may: of each it is seen when it is run.
          if (session.provider === 'wasm') throw error;
          this.#options.onFallback?.(messageOf(error));
          await turns.take(() => session.onnx.release()).catch(() => undefined);
          session = await this.#create(model, folder, 'wasm');
          return turns.take(() => run(session, inputs));
        }
      },
      release: () => turns.take(() => session.onnx.release()),
    };
  }

  async #create(model: Uint8Array, folder: string, provider = this.provider): Promise<Created> {
    const paths = (await this.#files.list()).filter(
      path => path.startsWith(`${folder}/`) && /\.safetensors$/.test(path),
    );
    const externalData = await Promise.all(
      paths.map(async path => ({ path: path.slice(folder.length + 1), data: await this.#files.read(path) })),
    );
    try {
      const ort = await load(provider, this.#options);
      const onnx = await turns.take(() =>
        ort.InferenceSession.create(model, {
          executionProviders: [provider],
          graphOptimizationLevel: 'all',
          // Errors only: what a provider leaves to the processor is its own business.
          logSeverityLevel: 3,
          // Idle threads do nothing: where others want the processor, threads that spin while they wait take it from those
          // that they wait for.
          extra: { session: { intra_op: { allow_spinning: '0' } } },
          externalData,
        }),
      );
      for (const path of paths) this.#files.forget?.(path);
      return { provider, ort, onnx };
    } catch (error) {
      if (provider === 'wasm') throw error;
      // Where one cannot be created, none can.
      if (this.#provider === 'webgpu') this.#options.onFallback?.(messageOf(error));
      this.#provider = 'wasm';
      return this.#create(model, folder);
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

interface Created {
  readonly provider: Provider;
  readonly ort: Ort;
  readonly onnx: InferenceSession;
}

interface Gpu {
  requestAdapter(): Promise<{
    readonly info?: { readonly isFallbackAdapter?: boolean; readonly architecture?: string };
  } | null>;
}

/**
 * Whether there is a graphics processor to compute on: one that is pretended by software takes a hundred times as long as
 * WASM. The build for WebGPU that is small enough to be a static asset anywhere needs WebAssembly that can wait for promises.
 */
async function hasWebGpu(): Promise<boolean> {
  const { gpu } = (globalThis.navigator ?? {}) as { readonly gpu?: Gpu };
  if (!gpu || !('Suspending' in WebAssembly)) return false;
  const info = (await gpu.requestAdapter().catch(() => null))?.info;
  return info !== undefined && info.isFallbackAdapter !== true && info.architecture !== 'swiftshader';
}

function load(provider: Provider, { threads, wasmPaths }: WebRuntimeOptions): Promise<Ort> {
  let loading = loaded.get(provider);
  if (!loading) {
    loading = (async () => {
      const ort: Ort =
        provider === 'webgpu' ? await import('onnxruntime-web/jspi') : await import('onnxruntime-web/wasm');
      ort.env.wasm.numThreads = threadsOf(threads);
      if (wasmPaths !== undefined) ort.env.wasm.wasmPaths = new URL(wasmPaths, globalThis.location?.href).href;
      return ort;
    })();
    loaded.set(provider, loading);
    loading.catch(() => loaded.delete(provider));
  }
  return loading;
}

function threadsOf(wanted: number | undefined): number {
  const { crossOriginIsolated = false, navigator } = globalThis as {
    crossOriginIsolated?: boolean;
    navigator?: { hardwareConcurrency?: number };
  };
  if (!crossOriginIsolated) return 1;
  return Math.max(1, wanted ?? Math.min(8, navigator?.hardwareConcurrency ?? 1));
}

async function run(
  { ort, onnx }: Created,
  inputs: Readonly<Record<string, Tensor>>,
): Promise<Record<string, FloatTensor>> {
  const feeds: Record<string, OnnxTensor> = {};
  for (const [name, tensor] of Object.entries(inputs)) feeds[name] = toOnnx(ort, tensor);
  const outputs: Record<string, FloatTensor> = {};
  for (const [name, { data, dims, type }] of Object.entries(await onnx.run(feeds))) {
    if (!(data instanceof Float32Array)) throw new TypeError(`output ${name} is ${type}, expected float32`);
    outputs[name] = { data, dims };
  }
  return outputs;
}

function toOnnx(ort: Ort, { data, dims }: Tensor): OnnxTensor {
  if (data instanceof Float32Array) return new ort.Tensor('float32', data, dims);
  if (data instanceof Int32Array) return new ort.Tensor('int32', data, dims);
  if (data instanceof BigInt64Array) return new ort.Tensor('int64', data, dims);
  return new ort.Tensor('uint8', data, dims);
}
