/** What a backend says of itself without being asked for a signature. */
import type { BackendIdentity } from './plan.ts';

/** `GET /ready`, once every checkpoint was looked at, and those that are to be loaded at once are. */
export interface Readiness {
  /** Part of every signature: new with every start of the backend. */
  readonly bootId: string;
  readonly backend: BackendIdentity;
  /** The default one first. */
  readonly checkpoints: readonly ServableCheckpoint[];
}

/** A checkpoint whose files were found to be in order. */
export interface ServableCheckpoint extends CheckpointReference {
  /** Whether parts of it are in memory: a job for one of which none is waits until they are. */
  readonly loaded: boolean;
  /** What they take, on all of the backend's job threads. */
  readonly loadedBytes: number;
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
