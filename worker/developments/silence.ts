import { BackendUnreachable } from '../../wire/backend-error.ts';

/** Aborts when it has lasted too long. */
export class Silence {
  readonly #controller = new AbortController();
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(milliseconds: number) {
    this.begin(milliseconds);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Something was heard; nothing may be for so long. */
  begin(milliseconds: number): void {
    this.end();
    const reason = new BackendUnreachable('the backend fell silent');
    this.#timer = setTimeout(() => this.#controller.abort(reason), milliseconds);
  }

  /** Nothing more is to be expected. */
  break(why: string): void {
    this.#controller.abort(new BackendUnreachable(why));
  }

  end(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
  }
}
