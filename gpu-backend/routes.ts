import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Health, Readiness } from '../wire/readiness.ts';
import type { SignatureClaim } from '../wire/signature.ts';
import type { Backend } from './backend.ts';
import { sendFile } from './file-route.ts';
import { RequestRefused } from './refusal.ts';
import { bodyLimits, run } from './run-route.ts';

/** Serves one request. @throws RequestRefused for what it does not serve, HungUp */
export async function route(backend: Backend, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url ?? '';
  const name = path.split('?', 1)[0]!;
  switch (name) {
    case '/health':
      expectMethod(request, 'GET');
      return sendJson(response, Buffer.from(JSON.stringify(health(backend))));
    case '/ready':
      expectMethod(request, 'GET');
      return sendJson(response, Buffer.from(JSON.stringify(readiness(backend))));
    case '/metrics':
      expectMethod(request, 'GET');
      return send(response, backend.metrics.contentType, Buffer.from(await backend.metrics.text()));
    case '/v1/run': {
      expectMethod(request, 'POST');
      const bytes = contentLength(request, 8 + bodyLimits.jsonBytes + bodyLimits.tensorBytes);
      const claim = await authenticate(backend, request, bytes);
      expectServing(backend);
      return run(backend, request, response, { ...claim, bodyBytes: bytes });
    }
    case '/v1/checkpoints': {
      expectMethod(request, 'GET');
      await authenticate(backend, request, contentLength(request, 0));
      expectServing(backend);
      return sendJson(response, Buffer.from(JSON.stringify(references(backend))));
    }
  }
  const [, digest, file] = /^\/v1\/checkpoints\/([0-9a-f]{64})(?:\/(.+))?$/.exec(name) ?? [];
  if (digest === undefined) throw new RequestRefused('not_found', 'there is nothing here');
  expectMethod(request, 'GET');
  await authenticate(backend, request, contentLength(request, 0));
  expectServing(backend);
  const checkpoint = backend.checkpoint(digest);
  if (!checkpoint) throw new RequestRefused('checkpoint_unknown', `there is no checkpoint ${digest} here`);
  if (file !== undefined) return sendFile(backend, checkpoint, file, request, response);
  sendJson(response, checkpoint.json);
}

function health({ queue }: Backend): Health {
  const { running, queued, capacity, limit } = queue;
  return { status: 'alive', running, queued, capacity, queueLimit: limit };
}

function readiness(backend: Backend): Readiness {
  expectServing(backend);
  if (!backend.pool.ready) throw notReady();
  return { bootId: backend.identity.bootId, backend: backend.identity, checkpoints: references(backend) };
}

function references(backend: Backend): Readiness['checkpoints'] {
  const { held } = backend.pool;
  return backend.checkpoints().map(({ card: { name, digest } }) => {
    const loadedBytes = held[name] ?? 0;
    return { name, digest, loaded: loadedBytes > 0, loadedBytes };
  });
}

function expectServing(backend: Backend): void {
  if (backend.stopping.aborted) throw new RequestRefused('stopping', 'the backend is being stopped');
  if (backend.checkpoints().length === 0) throw notReady();
}

function notReady(): RequestRefused {
  return new RequestRefused('not_ready', 'the checkpoints are being loaded', { retryAfterMs: 1000 });
}

function expectMethod(request: IncomingMessage, method: 'GET' | 'POST'): void {
  if (request.method === method) return;
  throw new RequestRefused('method_not_allowed', `this is for ${method}`, { allow: method });
}

/** @throws RequestRefused when the length of the body is not told, or more than `most` bytes */
function contentLength(request: IncomingMessage, most: number): number {
  const text = request.headers['content-length'];
  if (request.headers['transfer-encoding'] !== undefined || (text === undefined && most > 0)) {
    throw new RequestRefused('length_required', 'a Content-Length is needed');
  }
  const bytes = Number(text ?? 0);
  if (!Number.isSafeInteger(bytes) || bytes < 0)
    throw new RequestRefused('malformed', 'the Content-Length is no length');
  if (bytes > most) throw new RequestRefused('too_large', `a body of ${bytes} bytes, at most ${most} are read`);
  return bytes;
}

function authenticate(backend: Backend, request: IncomingMessage, bodyBytes: number): Promise<SignatureClaim> {
  return backend.authenticator.authenticate({
    method: request.method ?? '',
    path: request.url ?? '',
    bodyBytes,
    header: name => {
      const value = request.headers[name];
      return typeof value === 'string' ? value : undefined;
    },
  });
}

function sendJson(response: ServerResponse, body: Buffer): void {
  send(response, 'application/json', body);
}

function send(response: ServerResponse, type: string, body: Buffer): void {
  response.writeHead(200, { 'content-type': type, 'content-length': body.byteLength, 'cache-control': 'no-store' });
  response.end(body);
}
