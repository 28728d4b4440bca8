/** Those who wait for news of a generation. Lives in memory alone: who was waiting when it died asks again. */
export class Watchers {
  /** Grows with every change; begins with the time, so that it is newer than before a restart. */
  #version = Date.now();
  #news: PromiseWithResolvers<void> = Promise.withResolvers();

  get version(): number {
    return this.#version;
  }

  changed(): void {
    this.#version++;
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }

  /** Settles with the next change, or after so many milliseconds. */
  async next(milliseconds: number): Promise<void> {
    const pause = Promise.withResolvers<void>();
    const timer = setTimeout(pause.resolve, milliseconds);
    await Promise.race([this.#news.promise, pause.promise]);
    clearTimeout(timer);
  }
}
