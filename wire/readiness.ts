/** What a backend says of itself without being asked for a signature. */
import type { BackendIdentity } from './plan.ts';

/** `GET /ready`, once the default checkpoint is loaded. */
export interface Readiness {
  /** Part of every signature: new with every start of the backend. */
  readonly bootId: string;
  readonly backend: BackendIdentity;
  /** The default one first. */
  readonly checkpoints: readonly CheckpointReference[];
}

export interface CheckpointReference {
  readonly name: string;
  readonly digest: string;
}

/** `GET /health`: that it lives, and how busy it is. */
export interface Health {
  readonly status: 'alive';
  /** Jobs that are running now, at most `capacity`. */
  readonly running: number;
  /** Jobs that wait, at most `queueLimit`. */
  readonly queued: number;
  readonly capacity: number;
  readonly queueLimit: number;
}
