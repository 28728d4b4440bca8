/** Somebody who is told of ends: an HTTP server on this machine that remembers what it was asked. */
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedCall {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What it answers, by path; any other path is answered 404. */
const answers: Readonly<Record<string, { readonly status: number; readonly headers?: Record<string, string> }>> = {
  '/ok': { status: 200 },
  '/created': { status: 201 },
  '/nothing': { status: 204 },
  '/moved': { status: 302, headers: { location: '/ok' } },
  '/moved-for-good': { status: 308, headers: { location: '/ok' } },
  '/gone': { status: 410 },
  '/broken': { status: 500 },
};

export class WebhookReceiver {
  readonly calls: ReceivedCall[] = [];
  readonly port: number;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  static async listen(): Promise<WebhookReceiver> {
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const { method, url: path, headers } = request;
      receiver.calls.push({ method, path, headers, body: Buffer.concat(chunks).toString() });
      if (path === '/hangs') return;
      if (path === '/hangs-up') return request.socket.destroy();
      if (path === '/endless') {
        response.writeHead(200);
        const timer = setInterval(() => response.write('more '.repeat(1_000)), 5);
        return response.on('close', () => clearInterval(timer));
      }
      const { status, headers: answered } = answers[path ?? ''] ?? { status: 404 };
      return response.writeHead(status, answered).end(status === 204 ? undefined : 'thanks');
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    const receiver = new WebhookReceiver(server);
    return receiver;
  }

  /** Connections that are open, idle ones included. */
  connections(): Promise<number> {
    return new Promise((resolve, reject) =>
      this.#server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
    );
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise(resolve => this.#server.close(resolve));
  }
}
