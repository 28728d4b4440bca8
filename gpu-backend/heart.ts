/** Says again and again that a job is not forgotten, for as long as it does not run. */
export class Heart {
  readonly #milliseconds: number;
  readonly #tell: (position: number) => void;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** @param milliseconds between two beats */
  constructor(milliseconds: number, tell: (position: number) => void) {
    this.#milliseconds = milliseconds;
    this.#tell = tell;
  }

  /** @param position how many jobs are to begin before this one, asked at every beat */
  beat(position: () => number): void {
    this.stop();
    this.#timer = setInterval(() => this.#tell(position()), this.#milliseconds);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
