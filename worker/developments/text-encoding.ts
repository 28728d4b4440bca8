/** What a prompt is compared by, made once for all who want it at the same time. */
import { RetryLater } from '../../schema/context.ts';
import type { MadeVectors } from '../similarity/spaces.ts';

/** Lives in memory alone: with the process goes who waits for it. */
export class TextEncoding {
  #running: Promise<MadeVectors | null> | null = null;

  /**
   * @param make not asked while somebody else's is at work
   * @returns null where no backend does it now
   */
  join(make: () => Promise<MadeVectors>): Promise<MadeVectors | null> {
    this.#running ??= make()
      .catch((error: unknown) => {
        // That all backends are busy is no news. Waiting for one would be longer than what could be spared.
        if (error instanceof RetryLater) return null;
        throw error;
      })
      .finally(() => {
        this.#running = null;
      });
    return this.#running;
  }
}
