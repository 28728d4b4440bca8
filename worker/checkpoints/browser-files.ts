/** Files of checkpoints that browsers are handed out: from R2, where the first who asked for one has left it. */
import { RetryLater } from '../../schema/context.ts';
import { type BrowserFile, browserFilesOf } from '../../wire/card.ts';
import type { BackendClient } from '../../wire/client.ts';
import type { BackendPool } from '../backends/pool.ts';
import { fileResponse } from '../http/file-response.ts';
import { signPath } from '../http/signed-path.ts';
import { logUnexpected } from '../http/unexpected.ts';
import type { CardStore } from './card-store.ts';
import { sendAndStore } from './send-and-store.ts';

/** Milliseconds until a backend begins to send: it may have to read gigabytes anew to know that they are the same. */
const beginWithinMs = 30_000;
const retryAfterMs = 2_000;

const blobName = (digest: string, path: string) => `checkpoints/${digest}/${path}`;

export interface BrowserFilesOptions {
  readonly bucket: R2Bucket;
  readonly cards: Pick<CardStore, 'find'>;
  readonly pool: Pick<BackendPool, 'having'>;
  /** Where callers see this server. */
  readonly origin: string;
  readonly urlSecret: string;
}

export class BrowserFiles {
  readonly #options: BrowserFilesOptions;

  constructor(options: BrowserFilesOptions) {
    this.#options = options;
  }

  /** @returns the absolute address of a file of a checkpoint */
  async url(digest: string, path: string): Promise<string> {
    const { origin, urlSecret } = this.#options;
    const encoded = path.split('/').map(encodeURIComponent).join('/');
    return origin + (await signPath(urlSecret, `/checkpoints/${digest}/${encoded}`));
  }

  /**
   * Null for a path of another kind, and for a file that the checkpoint's card does not list. The token has been checked.
   * @throws RetryLater where it is not stored and no backend sends it
   */
  async serve(request: Request, pathname: string): Promise<Response | null> {
    const [, digest, encoded] = /^\/checkpoints\/([0-9a-f]{64})\/(.+)$/.exec(pathname) ?? [];
    if (digest === undefined || encoded === undefined) return null;
    const path = decodeURIComponent(encoded);
    const card = await this.#options.cards.find(digest);
    const file = card && browserFilesOf(card).find(each => each.path === path);
    if (!file) return null;
    return fileResponse(request, {
      type: typeOf(path),
      // The digest is of all files: under it, a path has the same bytes for ever.
      tag: `${digest}/${encoded}`,
      fileName: path.slice(path.lastIndexOf('/') + 1).replaceAll(/[^\w.-]/g, '_'),
      bytes: file.bytes,
      read: () => this.#read(digest, file),
    });
  }

  async #read(digest: string, file: BrowserFile): Promise<ReadableStream<Uint8Array>> {
    const { bucket } = this.#options;
    const name = blobName(digest, file.path);
    const stored = await bucket.get(name);
    if (stored?.size === file.bytes) return stored.body;
    const sent = await this.#fromBackend(digest, file);
    const { sha256 } = file;
    return sendAndStore(sent, file.bytes, stream => bucket.put(name, stream, { ...(sha256 && { sha256 }) }));
  }

  async #fromBackend(digest: string, file: BrowserFile): Promise<ReadableStream<Uint8Array>> {
    for (const { client } of await this.#options.pool.having(digest)) {
      try {
        return await begun(client, digest, file);
      } catch (error) {
        // It has gone, or is too old to know the way, or its files were changed: the log tells which.
        logUnexpected(error, 'checkpoint file');
      }
    }
    throw new RetryLater('BACKEND_UNAVAILABLE', 'No GPU backend sends this file now', retryAfterMs);
  }
}

/** Once it is being sent it may take as long as the caller takes to read it. */
async function begun(client: BackendClient, digest: string, file: BrowserFile) {
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(new Error('the backend did not begin to send')), beginWithinMs);
  try {
    return await client.file(digest, file, giveUp.signal);
  } finally {
    clearTimeout(timer);
  }
}

function typeOf(path: string): string {
  if (path.endsWith('.json')) return 'application/json';
  return path.endsWith('.txt') ? 'text/plain; charset=utf-8' : 'application/octet-stream';
}
