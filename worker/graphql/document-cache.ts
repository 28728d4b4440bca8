/**
 * Keeps what was made of documents that come again and again. Yoga's own cache keeps a thousand of any length: a few
 * requests with megabytes of text would fill an isolate's memory for as long as it lives.
 */
export class DocumentCache<Value> {
  readonly #mostEntries: number;
  readonly #mostCharacters: number;
  /** Least recently used first. */
  readonly #entries = new Map<string, Value>();

  constructor(mostEntries = 50, mostCharacters = 10_000) {
    this.#mostEntries = mostEntries;
    this.#mostCharacters = mostCharacters;
  }

  get(document: string): Value | undefined {
    const value = this.#entries.get(document);
    if (value !== undefined) {
      this.#entries.delete(document);
      this.#entries.set(document, value);
    }
    return value;
  }

  set(document: string, value: Value): void {
    if (document.length > this.#mostCharacters) return;
    this.#entries.delete(document);
    this.#entries.set(document, value);
    if (this.#entries.size > this.#mostEntries) this.#entries.delete(this.#entries.keys().next().value!);
  }
}
