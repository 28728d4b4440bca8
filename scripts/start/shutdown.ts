/** After a stop was asked for, nothing may hold the terminal longer than this. */
const stopWithinMs = 2_800;

/** Everything that must be closed before the process ends, and the one way to end it. */
export class Shutdown {
  readonly #closers: (() => Promise<void>)[] = [];
  #stopping = false;

  /**
   * Stops on Ctrl-C and on what supervisors send. Takes the place of every other listener: Miniflare adds its own, which
   * would end the process before the rest is closed. Call it again after Miniflare was started.
   */
  takeSignals(): this {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.removeAllListeners(signal).on(signal, () => void this.stop(0));
    }
    return this;
  }

  add(close: () => Promise<void>): void {
    this.#closers.push(close);
  }

  /** Closes everything at once and ends the process; a second call changes nothing. */
  async stop(exitCode: number): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    setTimeout(() => process.exit(exitCode || 1), stopWithinMs);
    await Promise.allSettled(this.#closers.map(close => close()));
    process.exit(exitCode);
  }
}
