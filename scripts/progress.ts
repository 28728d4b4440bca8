/** A line that says how far the work is and how long the rest will take. */
export class Progress {
  readonly #what: string;
  readonly #total: number;
  readonly #began = performance.now();
  #done = 0;
  #shownAt = Number.NEGATIVE_INFINITY;

  constructor(what: string, total: number) {
    this.#what = what;
    this.#total = total;
  }

  /** So many more are done. On a terminal the line is drawn over itself, elsewhere there is one now and then. */
  step(count = 1): void {
    this.#done += count;
    const now = performance.now();
    const last = this.#done === this.#total;
    const terminal = process.stderr.isTTY;
    if (!last && now - this.#shownAt < (terminal ? 200 : 20_000)) return;
    this.#shownAt = now;
    const perPiece = (now - this.#began) / this.#done / 1000;
    const line = progressLine(this.#what, this.#done, this.#total, perPiece);
    process.stderr.write(terminal ? `\r\x1b[K${line}${last ? '\n' : ''}` : `${line}\n`);
  }
}

/** @param secondsEach what one piece takes */
export function progressLine(what: string, done: number, total: number, secondsEach: number): string {
  const left = ((total - done) * secondsEach) / 60;
  return `${what} ${progressBar(done / total)} ${done}/${total}, ${secondsEach.toFixed(1)} s each, ${left.toFixed(1)} min left`;
}

/** @param fraction from 0 to 1 */
export function progressBar(fraction: number): string {
  const filled = Math.floor(20 * fraction);
  return '█'.repeat(filled) + '░'.repeat(20 - filled);
}
