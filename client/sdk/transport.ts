/** One request and its answer: no retries, no meaning. */
import { dataOf, readAnswer } from './answer.ts';
import { requestBody } from './body.ts';
import type { TypedDocument } from './document.ts';
import { ConnectionError, ProtocolError } from './errors.ts';
import { type ServerEvent, serverEvents } from './server-events.ts';

export interface TransportOptions {
  /** The server's address, with or without `/graphql` at its end. */
  readonly url: string;
  /** Headers of every request, such as `Authorization`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly fetch: typeof fetch;
  /** How long a request may take before the server counts as not reached, in milliseconds. */
  readonly timeoutMs: number;
}

export class Transport {
  /** Where GraphQL is answered. */
  readonly endpoint: string;
  readonly #options: TransportOptions;

  /** @throws TypeError for an address that is none */
  constructor(options: TransportOptions) {
    this.#options = options;
    this.endpoint = endpointOf(options.url);
  }

  /** @throws DarkroomError; the signal's reason */
  async ask<Data, Variables>(
    document: TypedDocument<Data, Variables>,
    variables: Variables,
    signal?: AbortSignal,
  ): Promise<Data> {
    const response = await this.#post(document, variables, 'application/json', this.#bounded(signal), signal);
    const text = await reached(response.text(), this.endpoint, signal);
    return dataOf(readAnswer(text, response.status), response.status);
  }

  /**
   * The events of a subscription, each the whole answer.
   * @throws DarkroomError where it is refused or breaks off; the signal's reason
   */
  async *subscribe<Data, Variables>(
    document: TypedDocument<Data, Variables>,
    variables: Variables,
    signal?: AbortSignal,
  ): AsyncGenerator<Data, void, undefined> {
    const response = await this.#post(document, variables, 'text/event-stream', signal, signal);
    const type = response.headers.get('content-type') ?? '';
    if (!type.startsWith('text/event-stream') || !response.body) {
      const answer = readAnswer(await reached(response.text(), this.endpoint, signal), response.status);
      dataOf(answer, response.status);
      throw new ProtocolError(`The server answered a subscription with ${type || 'nothing'}`, response.status);
    }
    const events: AsyncIterator<ServerEvent> = serverEvents(response.body)[Symbol.asyncIterator]();
    try {
      for (;;) {
        const { done, value } = await reached(events.next(), this.endpoint, signal);
        // A stream that ends without saying so was cut.
        if (done) throw new ConnectionError(`${this.endpoint} hung up`);
        if (value.name === 'complete') return;
        if (value.name === 'next') yield dataOf<Data>(readAnswer(value.data, response.status), response.status);
      }
    } finally {
      await events.return?.();
    }
  }

  /** The answer to a plain GET, whatever it is. @throws ConnectionError; the signal's reason */
  async download(url: string, signal?: AbortSignal): Promise<Response> {
    const { fetch } = this.#options;
    return reached(fetch(url, { signal: this.#bounded(signal) }), url, signal);
  }

  /** The rest of an answer that has begun. @throws ConnectionError; the signal's reason */
  whole(response: Response, url: string, signal?: AbortSignal): Promise<Blob> {
    return reached(response.blob(), url, signal);
  }

  #post(
    query: string,
    variables: unknown,
    accept: string,
    bounded: AbortSignal | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Response> {
    const { fetch, headers } = this.#options;
    const { body, headers: own } = requestBody(query, variables);
    const request: RequestInit = {
      method: 'POST',
      headers: { Accept: accept, ...headers, ...own },
      body,
      ...(bounded ? { signal: bounded } : {}),
    };
    return reached(fetch(this.endpoint, request), this.endpoint, signal);
  }

  #bounded(signal: AbortSignal | undefined): AbortSignal {
    const timeout = AbortSignal.timeout(this.#options.timeoutMs);
    return signal ? AbortSignal.any([signal, timeout]) : timeout;
  }
}

/** What `fetch` throws is a TypeError with words of the platform's own, and an abort where it took too long. */
async function reached<T>(attempt: Promise<T>, url: string, signal: AbortSignal | undefined): Promise<T> {
  try {
    return await attempt;
  } catch (cause) {
    if (signal?.aborted) throw signal.reason;
    const why =
      cause instanceof DOMException && cause.name === 'TimeoutError' ? 'did not answer in time' : 'was not reached';
    throw new ConnectionError(`${new URL(url).origin} ${why}`, { cause });
  }
}

function endpointOf(url: string): string {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new TypeError(`${JSON.stringify(url)} is no address of a server: expected one such as http://127.0.0.1:8787`);
  }
  const address = new URL(url);
  const path = address.pathname.replace(/\/+$/, '').replace(/\/graphql$/, '');
  return `${address.origin}${path}/graphql`;
}
