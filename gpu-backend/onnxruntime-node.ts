import { join, resolve } from 'node:path';
import { env, InferenceSession, Tensor as OnnxTensor } from 'onnxruntime-node';
import type { FloatTensor, Runtime, Session, SessionWeights, Tensor } from '../models/runtime.ts';

/** An execution provider of ONNX Runtime, by its own name. */
export type ExecutionProvider = 'cuda' | 'webgpu' | 'cpu';

export interface OnnxRuntimeOptions {
  /** The checkpoint's folder: weights are mapped into memory from the files in it. */
  readonly folder: string;
  /** Tried in this order; the first that creates a session is kept to for all. Default `['cpu']`. */
  readonly providers?: readonly ExecutionProvider[];
  /** Threads of one operator on the CPU. Default: ONNX Runtime's own choice, the physical cores. */
  readonly threads?: number;
  /** Called when a provider could not create a session and the next one is tried. */
  readonly onFallback?: (provider: ExecutionProvider, reason: string) => void;
  /** Called when a session was created. */
  readonly onSession?: (folder: string, provider: ExecutionProvider) => void;
  /** Instead of ONNX Runtime's own: lets tests fail a provider that this machine has or lacks. */
  readonly create?: typeof InferenceSession.create;
}

export interface OnnxRuntime extends Runtime {
  createSession(model: Uint8Array, folder: string, weights?: Pick<SessionWeights, 'root'>): Promise<Session>;
  /** The provider that sessions run on, null before there is one. */
  readonly executionProvider: ExecutionProvider | null;
}

/** `onnxruntime-node 1.30.0` */
export const onnxRuntimeName = `onnxruntime-node ${env.versions.node ?? env.versions.common}`;

/**
 * ONNX Runtime in this process. Creating and running sessions blocks the event loop: do it in a worker thread.
 * `createSession` rejects with the last provider's error when none of them can create the session.
 *
 * @example
 * const runtime = createOnnxRuntime({ folder: 'models/shipped', providers: ['cuda', 'cpu'], onFallback: log.warn });
 */
export function createOnnxRuntime(options: OnnxRuntimeOptions): OnnxRuntime {
  const { providers = ['cpu'], onFallback, onSession, create = InferenceSession.create } = options;
  let candidates = providers;
  let taken: ExecutionProvider | null = null;

  return {
    get executionProvider() {
      return taken;
    },
    async createSession(model, folder, weights = {}): Promise<Session> {
      let failure: unknown = new Error('no execution provider to try');
      // Another call may shorten the list meanwhile: places count in the one that this call began with.
      const tried = candidates;
      const weightsFolder = weights.root ?? join(resolve(options.folder), folder);
      for (const [i, provider] of tried.entries()) {
        try {
          const session = await create(model, sessionOptions(provider, weightsFolder, options));
          candidates = tried.slice(i);
          taken = provider;
          onSession?.(folder, provider);
          return wrap(session);
        } catch (error) {
          failure = error;
          if (i < tried.length - 1) onFallback?.(provider, error instanceof Error ? error.message : String(error));
        }
      }
      throw failure;
    },
  };
}

function sessionOptions(
  provider: ExecutionProvider,
  weightsFolder: string,
  { threads }: OnnxRuntimeOptions,
): InferenceSession.SessionOptions {
  return {
    executionProviders: [provider],
    graphOptimizationLevel: 'all',
    // A session keeps the memory it worked in for its next run. With patterns it would keep as much again, for nothing:
    // a step takes as long without them.
    enableMemPattern: false,
    // Errors only: what falls back to the CPU inside a session is ONNX Runtime's business.
    logSeverityLevel: 3,
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
    extra: {
      session: {
        model_external_initializers_file_folder_path: weightsFolder,
        intra_op: { allow_spinning: '0' },
        inter_op: { allow_spinning: '0' },
      },
    },
  };
}

function wrap(session: InferenceSession): Session {
  return {
    async run(inputs) {
      const feeds: Record<string, OnnxTensor> = {};
      for (const [name, tensor] of Object.entries(inputs)) feeds[name] = toOnnx(tensor);
      const results = await session.run(feeds);
      const outputs: Record<string, FloatTensor> = {};
      for (const [name, { data, dims, type }] of Object.entries(results)) {
        if (!(data instanceof Float32Array)) throw new TypeError(`output ${name} is ${type}, expected float32`);
        outputs[name] = { data, dims };
      }
      return outputs;
    },
    release: () => session.release(),
  };
}

/** The same memory, under ONNX Runtime's name for it. */
function toOnnx({ data, dims }: Tensor): OnnxTensor {
  if (data instanceof Float32Array) return new OnnxTensor('float32', data, dims);
  if (data instanceof Int32Array) return new OnnxTensor('int32', data, dims);
  if (data instanceof BigInt64Array) return new OnnxTensor('int64', data, dims);
  return new OnnxTensor('uint8', data, dims);
}
