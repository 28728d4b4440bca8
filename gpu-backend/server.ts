import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Backend } from './backend.ts';
import { HungUp } from './body.ts';
import { RequestRefused, sendRefusal } from './refusal.ts';
import { route } from './routes.ts';

/** More than a pool of workers opens; a flood of connections costs no more memory than this many. */
const maxConnections = 512;

/** An HTTP server that serves the backend's routes; not listening yet. */
export function createBackendServer(backend: Backend): Server {
  const { timeouts } = backend;
  const server = createServer({
    headersTimeout: timeouts.headers,
    requestTimeout: timeouts.request,
    keepAliveTimeout: timeouts.keepAlive,
    // Node looks at the two above only so often, in milliseconds.
    connectionsCheckingInterval: Math.min(1000, timeouts.headers),
    maxHeaderSize: 16 * 1024,
  });
  server.maxConnections = maxConnections;
  const serve = (request: IncomingMessage, response: ServerResponse) => {
    route(backend, request, response).catch((error: unknown) => {
      if (error instanceof HungUp) return;
      const refused = error instanceof RequestRefused ? error : internal(backend, error);
      backend.metrics.refused(refused.reason);
      sendRefusal(request, response, refused);
    });
  };
  server.on('request', serve);
  // The header is checked before a body is asked for: `run` says when to go on.
  server.on('checkContinue', serve);
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const refused = unreadable(error);
    backend.metrics.refused(refused.reason);
    answerRaw(socket as Socket, refused);
  });
  return server;
}

/**
 * Listens and tells the port.
 * @throws the system's error: EADDRINUSE, EACCES, ENOTFOUND
 */
export function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function internal(backend: Backend, error: unknown): RequestRefused {
  backend.log('error', 'request_failed', { error: error instanceof Error ? (error.stack ?? error.message) : error });
  return new RequestRefused('internal', 'something went wrong; the log of the backend has more');
}

/** What Node could not read as HTTP, or did not get in time. */
function unreadable(error: NodeJS.ErrnoException): RequestRefused {
  switch (error.code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new RequestRefused('timeout', 'the request did not arrive in time');
    case 'HPE_HEADER_OVERFLOW':
      return new RequestRefused('too_large', 'the header is too long', { reason: 'header' });
    default:
      return new RequestRefused('malformed', 'this is not HTTP/1.1', { reason: 'http' });
  }
}

function answerRaw(socket: Socket, refused: RequestRefused): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = JSON.stringify(refused.body);
  const lines = [
    `HTTP/1.1 ${refused.status} ${STATUS_CODES[refused.status]}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}
