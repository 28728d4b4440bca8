import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Backend, PublishedCheckpoint } from './backend.ts';
import { RequestRefused } from './refusal.ts';

/**
 * `GET /v1/checkpoints/{digest}/{path}`, the signature in its header verified: one file of a checkpoint, as a browser needs
 * it. Ends when the client hangs up, or takes nothing for as long as a request may take to arrive.
 * @param path as the request has it, percent-encoded
 * @throws RequestRefused until the file is being sent; from then on what goes wrong cuts it short of its Content-Length
 */
export async function sendFile(
  backend: Backend,
  { files }: PublishedCheckpoint,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const file = await files.open(decoded(path));
  if (!file) throw new RequestRefused('not_found', 'the checkpoint has no such file for browsers');
  response.writeHead(200, {
    'content-type': 'application/octet-stream',
    'content-length': file.bytes,
    'cache-control': 'no-store',
  });
  response.setTimeout(backend.timeouts.request, () => response.destroy());
  await pipeline(file.read(), response).catch((error: NodeJS.ErrnoException) => {
    response.destroy();
    // Whoever has hung up knows.
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') {
      backend.log('error', 'file_failed', { path: request.url, error: error.message });
    }
  });
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new RequestRefused('malformed', 'the path cannot be decoded');
  }
}
