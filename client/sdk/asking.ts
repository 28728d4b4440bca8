/** Requests with patience. */
import type { TypedDocument } from './document.ts';
import { ProtocolError, RequestError } from './errors.ts';
import { retrying } from './retry.ts';
import type { Transport } from './transport.ts';

export interface AskOptions {
  /** Ends the wait: the call rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** What of an answer's data was asked for; what it throws is treated as an answer that is no success. */
type Read<Data, T> = (data: Data) => T;

export interface Asking {
  readonly transport: Transport;
  /** How long to go on trying, in milliseconds. */
  readonly patienceMs: number;
  /** Asks what may be sent twice: queries, and mutations that do the same a second time. @throws DarkroomError */
  again<Data, Variables, T>(
    document: TypedDocument<Data, Variables>,
    variables: Variables,
    signal: AbortSignal | undefined,
    read: Read<Data, T>,
  ): Promise<T>;
  /** Asks what may not: sent again only where the server said that it was not done. @throws DarkroomError */
  once<Data, Variables, T>(
    document: TypedDocument<Data, Variables>,
    variables: Variables,
    signal: AbortSignal | undefined,
    read: Read<Data, T>,
  ): Promise<T>;
  /** A whole file. @throws DarkroomError */
  download(url: string, signal: AbortSignal | undefined): Promise<Blob>;
}

export function asking(transport: Transport, patienceMs: number): Asking {
  const ask =
    (repeatable: boolean): Asking['again'] =>
    (document, variables, signal, read) =>
      retrying(async () => read(await transport.ask(document, variables, signal)), { patienceMs, repeatable, signal });
  return {
    transport,
    patienceMs,
    again: ask(true),
    once: ask(false),
    download: (url, signal) =>
      retrying(
        async () => {
          const response = await transport.download(url, signal);
          if (response.ok) return transport.whole(response, url, signal);
          if (response.status === 404) throw new RequestError('NOT_FOUND', `There is nothing at ${url}`);
          throw new ProtocolError(`${url} answered ${response.status}`, response.status);
        },
        { patienceMs, repeatable: true, signal },
      ),
  };
}
