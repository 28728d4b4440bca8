/** A server on loopback that answers as a test says: cut streams, proxies' pages, refusals. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Asked {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly accept: string;
}

export interface Loopback {
  readonly url: string;
  /** Everything that was asked so far. */
  readonly asked: readonly Asked[];
  close(): Promise<void>;
}

/** @param answer in the order of the requests: the i-th, from 0, of which the rest is up to it */
export async function loopback(answer: (response: ServerResponse, i: number, asked: Asked) => void): Promise<Loopback> {
  const asked: Asked[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    void (async () => {
      const body = await text(request);
      const { query, variables } = request.headers['content-type'] === 'application/json' ? JSON.parse(body) : {};
      const one = { query, variables, accept: String(request.headers.accept) };
      answer(response, asked.push(one) - 1, one);
    })();
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () => {
      server.closeAllConnections();
      return new Promise(resolve => server.close(() => resolve()));
    },
  };
}

export function json(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

/** Begins a stream of events and sends these. */
export function events(response: ServerResponse, ...snapshots: readonly unknown[]): void {
  if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const generation of snapshots) {
    response.write(`event: next\ndata: ${JSON.stringify({ data: { generation } })}\n\n`);
  }
}
