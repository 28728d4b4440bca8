/** What the server and a job thread say to each other. */
import type { Tensor } from '../models/runtime.ts';
import type { CheckpointCard } from '../wire/card.ts';
import type { FrameHeader, Plan } from '../wire/plan.ts';
import type { Eager, Provider } from './configuration.ts';
import type { KnownDigests } from './digest-memory.ts';
import type { SessionChange } from './session-memory.ts';

/** What a job thread is born with. */
export interface ThreadSettings {
  /** Absolute paths, the default one first. */
  readonly checkpoints: readonly string[];
  readonly eager: Eager;
  /** Bytes that the sessions of this thread may take. */
  readonly memoryBudget: number;
  /** Whether it is the only one: then what the process takes tells what its sessions take. */
  readonly isAlone: boolean;
  /** How many jobs it runs at the same time, whose generations share calls of the UNet. */
  readonly batch: number;
  /** Of files that need not be read again. */
  readonly digests: KnownDigests;
  readonly providers: readonly Provider[];
  readonly threads: number;
}

/** Run this, beside others. The answer is one `begun`, any number of frames and one `ended`, all with its id. */
export interface Job {
  /** No two jobs of a thread have the same. */
  readonly id: number;
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
  /**
   * e.g. `cpu`, or `cuda+cpu` where parts of the model run on different ones. Other checkpoints and threads may differ.
   * Empty where nothing was loaded yet.
   */
  readonly executionProvider: string;
  /** All that were known, and those that were computed. */
  readonly digests: KnownDigests;
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
  /** A session was created or released, or a job has ended. `held`: bytes that each checkpoint's sessions take on this thread now, by its name. */
  | {
      readonly kind: 'sessions';
      readonly change: SessionChange | null;
      readonly held: Readonly<Record<string, number>>;
    }
  /** The sessions of the job are there: what they run on. */
  | { readonly kind: 'begun'; readonly job: number; readonly executionProvider: string }
  /** `bytes` is the whole frame as it goes to the client, `header` what is in it. */
  | { readonly kind: 'frame'; readonly job: number; readonly header: FrameHeader; readonly bytes: Uint8Array }
  | { readonly kind: 'ended'; readonly job: number; readonly outcome: 'succeeded' | 'failed' | 'cancelled' }
  /** A call of the UNet was made, for one generation or for several. */
  | { readonly kind: 'unet_called' };
