/** What the server and a job thread say to each other. */
import type { Tensor } from '../models/runtime.ts';
import type { CheckpointCard } from '../wire/card.ts';
import type { FrameHeader, Plan } from '../wire/plan.ts';
import type { Provider } from './configuration.ts';

/** What a job thread is born with. */
export interface ThreadSettings {
  /** Absolute paths, the default one first. */
  readonly checkpoints: readonly string[];
  readonly providers: readonly Provider[];
  readonly threads: number;
}

/** Run this, alone. The answer is one `begun`, any number of frames and one `ended`. */
export interface Job {
  readonly plan: Plan;
  /** What the stages read and none of them makes. */
  readonly tensors: Readonly<Record<string, Tensor>>;
  /**
   * One shared integer, 1 once nobody wants the result. A message would not do: a thread that computes reads none.
   */
  readonly cancelled: Int32Array;
}

export interface Loaded {
  readonly cards: readonly CheckpointCard[];
  /** e.g. `onnxruntime-node 1.30.0` */
  readonly runtime: string;
  /** e.g. `cpu`, or `cuda+cpu` where parts of the model run on different ones. Other checkpoints and threads may differ. */
  readonly executionProvider: string;
}

export type FromThread =
  | { readonly kind: 'loaded'; readonly loaded: Loaded }
  | { readonly kind: 'unloadable'; readonly message: string }
  | {
      readonly kind: 'log';
      readonly level: 'info' | 'warn' | 'error';
      readonly event: string;
      readonly details: object;
    }
  /** The sessions of the job are there: what they run on. */
  | { readonly kind: 'begun'; readonly executionProvider: string }
  /** `bytes` is the whole frame as it goes to the client, `header` what is in it. */
  | { readonly kind: 'frame'; readonly header: FrameHeader; readonly bytes: Uint8Array }
  | { readonly kind: 'ended'; readonly outcome: 'succeeded' | 'failed' | 'cancelled' };
