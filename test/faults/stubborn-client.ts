/** A client that asks until it is answered, whoever dies meanwhile. */
import { setTimeout as sleep } from 'node:timers/promises';

const pauseMs = 50;
/** Longer than the longest `wait`. */
const answerWithinMs = 75_000;

export class StubbornClient {
  readonly #url: string;
  /** How often there was no answer. */
  lost = 0;
  /** Answers that were errors: whoever is up is to have none. */
  readonly errors: string[] = [];

  constructor(url: string) {
    this.#url = url;
  }

  /** @returns the answer's data */
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape
  async ask(query: string, variables: object = {}): Promise<any> {
    const body = JSON.stringify({ query, variables });
    const headers = { 'content-type': 'application/json' };
    for (;;) {
      const text = await this.#fetch('/graphql', { method: 'POST', headers, body }, response => response.text());
      const { data, errors } = parsed(text) as { data?: unknown; errors?: unknown };
      if (data && !errors) return data;
      this.errors.push(errors ? JSON.stringify(errors) : text.slice(0, 200));
      await sleep(pauseMs);
    }
  }

  /** The bytes behind an address of the API. */
  bytes(address: string): Promise<Uint8Array> {
    const { pathname, search } = new URL(address);
    return this.#fetch(pathname + search, {}, async response => {
      if (!response.ok) throw new Error(`${address} is answered ${response.status}`);
      return new Uint8Array(await response.arrayBuffer());
    });
  }

  async #fetch<T>(path: string, init: RequestInit, read: (response: Response) => Promise<T>): Promise<T> {
    for (;;) {
      let response: Response | null = null;
      try {
        response = await fetch(this.#url + path, { ...init, signal: AbortSignal.timeout(answerWithinMs) });
        return await read(response);
      } catch (error) {
        // Only what the network does to an answer is a reason to ask again.
        if (response && !isOfNetwork(error)) throw error;
        this.lost++;
        await sleep(pauseMs);
      }
    }
  }
}

function isOfNetwork(error: unknown): boolean {
  return error instanceof TypeError || (error instanceof DOMException && error.name === 'TimeoutError');
}

function parsed(text: string): object {
  try {
    return JSON.parse(text) as object;
  } catch {
    return {};
  }
}
