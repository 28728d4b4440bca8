/** The GPU backends: which of them can take a job now. */
import { RetryLater } from '../../schema/context.ts';
import { BackendClient } from '../../wire/client.ts';
import type { Health, Readiness } from '../../wire/readiness.ts';

/** A backend that answers while it is alive does so far quicker. */
const answerWithinMs = 2_000;

/** How long to stay away from backends that are full or gone. */
const retryAfterMs = 2_000;

export interface ReadyBackend {
  readonly client: BackendClient;
  readonly readiness: Readiness;
}

export interface BackendPoolOptions {
  readonly backends: readonly string[];
  readonly backendSecret: string;
}

/** Belongs to one request or one Durable Object, as everything on Workers that waits for the network does. */
export class BackendPool {
  readonly #clients: readonly BackendClient[];

  constructor({ backends, backendSecret }: BackendPoolOptions) {
    this.#clients = backends.map(url => new BackendClient({ url, secret: backendSecret }));
  }

  /** How many there are, answering or not. */
  get size(): number {
    return this.#clients.length;
  }

  /** Every backend that is ready, in the order of the configuration. */
  async ready(): Promise<ReadyBackend[]> {
    const answers = await Promise.all(
      this.#clients.map(async client => {
        try {
          return { client, readiness: await client.ready(AbortSignal.timeout(answerWithinMs)) };
        } catch {
          return null;
        }
      }),
    );
    return answers.filter(answer => answer !== null);
  }

  /**
   * The backends that have the checkpoint, however busy they are.
   * @throws RetryLater BACKEND_UNAVAILABLE when none is ready or none has it
   */
  async having(checkpointDigest: string): Promise<ReadyBackend[]> {
    const ready = await this.ready();
    if (ready.length === 0) throw new RetryLater('BACKEND_UNAVAILABLE', 'No GPU backend answers', retryAfterMs);
    const able = ready.filter(({ readiness }) =>
      readiness.checkpoints.some(({ digest }) => digest === checkpointDigest),
    );
    if (able.length === 0) {
      throw new RetryLater('BACKEND_UNAVAILABLE', 'No GPU backend has this checkpoint any more', retryAfterMs);
    }
    return able;
  }

  /**
   * The least loaded backend that has the checkpoint.
   * @throws RetryLater BACKEND_UNAVAILABLE when none is ready or none has it, QUEUE_FULL when all that have it are full
   */
  async choose(checkpointDigest: string): Promise<ReadyBackend> {
    const able = await this.having(checkpointDigest);
    // One that is ready but does not say how busy it is may well be free.
    const healths = await Promise.all(able.map(({ client }) => healthOf(client)));
    const loads = healths.map(health => (health ? loadOf(health) : 0));
    const least = Math.min(...loads);
    if (least === Number.POSITIVE_INFINITY) throw queueFull();
    return able[loads.indexOf(least)]!;
  }
}

/** @returns what is thrown when no more work is taken */
export function queueFull(): RetryLater {
  return new RetryLater('QUEUE_FULL', 'Every GPU backend has as much work as it takes', retryAfterMs);
}

/** Null when the backend does not answer. */
async function healthOf(client: BackendClient): Promise<Health | null> {
  try {
    return await client.health(AbortSignal.timeout(answerWithinMs));
  } catch {
    return null;
  }
}

/** Jobs for each place; infinite when no more are taken. */
function loadOf({ running, queued, capacity, queueLimit }: Health): number {
  if (running >= capacity && queued >= queueLimit) return Number.POSITIVE_INFINITY;
  return (running + queued) / Math.max(capacity, 1);
}
