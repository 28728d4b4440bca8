import type { CheckpointCard } from '../wire/card.ts';
import type { BackendIdentity } from '../wire/plan.ts';
import type { Authenticator } from './authentication.ts';
import type { BrowserFiles } from './browser-files.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { PlanCheck } from './plan-check.ts';
import type { JobQueue } from './queue.ts';
import type { SessionPool } from './session-pool.ts';

/** What the routes see of the server they are part of. */
export interface Backend {
  readonly identity: BackendIdentity;
  readonly authenticator: Authenticator;
  readonly queue: JobQueue;
  readonly pool: SessionPool;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly timeouts: Timeouts;
  /** Aborted when the server is told to stop. */
  readonly stopping: AbortSignal;
  /** The default one first; empty until they are loaded. */
  checkpoints(): readonly PublishedCheckpoint[];
  checkpoint(digest: string): PublishedCheckpoint | undefined;
}

export interface PublishedCheckpoint {
  readonly card: CheckpointCard;
  /** The card as it is sent. A vocabulary takes a while to write out: that is done once. */
  readonly json: Buffer;
  readonly check: PlanCheck;
  readonly files: Pick<BrowserFiles, 'open'>;
}

/** In milliseconds. */
export interface Timeouts {
  /** For a request's header to arrive. */
  readonly headers: number;
  /** For a whole request to arrive. */
  readonly request: number;
  /** Between two pieces of a body. */
  readonly bodyIdle: number;
  /** For a client to take the end of a response. */
  readonly finish: number;
  /** Between two signs of life to a client whose job does not run yet. */
  readonly heartbeat: number;
  /** A connection without a request. */
  readonly keepAlive: number;
}

export const defaultTimeouts: Timeouts = {
  headers: 10_000,
  request: 120_000,
  bodyIdle: 10_000,
  finish: 30_000,
  heartbeat: 5_000,
  // Longer than the edge keeps one: who closes first should be the one who would send next.
  keepAlive: 75_000,
};
