/** Which files of a checkpoint the server hands out, remembered for when it is not reached. */
import type { Darkroom } from '../darkroom.ts';
import { isDarkroomError, RequestError } from '../errors.ts';
import { BrowserDecoderDocument, BrowserFilesDocument } from '../generated.ts';
import { retrying } from '../retry.ts';
import { fetchBytes } from './fetch-bytes.ts';
import type { RemoteFile, RemoteFolder } from './fetched-files.ts';
import { KeptFiles } from './kept-files.ts';

/** As much of a Darkroom as is asked. */
export type Server = Pick<Darkroom, 'graphql' | 'endpoint'>;

export interface FolderOptions {
  /** A checkpoint's name; the server's default when absent. */
  readonly checkpoint?: string | undefined;
  readonly fetch?: typeof fetch | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The first to ask for it waits until a backend has sent it. */
const configPatienceMs = 30_000;
/** How long a server is waited for of which enough is known to do without it. */
const dispensableMs = 3_000;

/**
 * A checkpoint's folder with what decodes its latents.
 * @throws DarkroomError UNSUPPORTED where the server hands out no decoder
 */
export function decoderFolder(server: Server, options: FolderOptions): Promise<RemoteFolder> {
  return remembered(server, 'decoder', options, async signal => {
    const { checkpoint } = options;
    const asked = await server.graphql(BrowserDecoderDocument, { checkpoint }, { signal, repeatable: true });
    const { digest, decoder } = there(asked.checkpoint, checkpoint);
    if (!decoder) throw unsupported('The server hands out no decoder of this checkpoint');
    const { configUrl, weightsUrl, bytes } = decoder;
    const onPiece = () => {};
    const fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
    // Of both together it is known how large they are; the config is small.
    const config = await retrying(() => fetchBytes(configUrl, { fetch, bytes: null, onPiece, signal }), {
      patienceMs: configPatienceMs,
      repeatable: true,
      signal,
    });
    const files = [
      { url: configUrl, bytes: config.byteLength },
      { url: weightsUrl, bytes: bytes - config.byteLength },
    ];
    return { digest, files: files.map(file => ({ ...file, path: pathIn(file.url, digest) })) };
  });
}

/**
 * A checkpoint's folder with all that makes pictures.
 * @throws DarkroomError UNSUPPORTED where the server does not hand it out
 */
export function wholeFolder(server: Server, options: FolderOptions): Promise<RemoteFolder> {
  return remembered(server, 'whole', options, async signal => {
    const { checkpoint } = options;
    const asked = await server.graphql(BrowserFilesDocument, { checkpoint }, { signal, repeatable: true });
    const { digest, browser } = there(asked.checkpoint, checkpoint);
    if (!browser) throw unsupported('This checkpoint is too large for browsers, or the server hands none out');
    return { digest, files: browser.files };
  });
}

async function remembered(
  { endpoint }: Server,
  kind: string,
  { checkpoint = '', signal }: FolderOptions,
  ask: (signal: AbortSignal | undefined) => Promise<RemoteFolder>,
): Promise<RemoteFolder> {
  const kept = await KeptFiles.open();
  const name = `servers/${encodeURIComponent(endpoint)}/${encodeURIComponent(checkpoint)}/${kind}.json`;
  const before = await kept.get(name, null);
  const timeout = before && AbortSignal.timeout(dispensableMs);
  const either = timeout && signal ? AbortSignal.any([timeout, signal]) : (timeout ?? signal);
  try {
    const folder = await ask(either);
    await forgetOlder(kept, before, folder);
    await kept.put(name, new TextEncoder().encode(JSON.stringify(folder)));
    return folder;
  } catch (error) {
    if (!before || signal?.aborted || !isAway(error)) throw error;
    return JSON.parse(new TextDecoder().decode(before)) as RemoteFolder;
  }
}

/** Another digest, another checkpoint under the same name: nobody asks for the old one's files again. */
async function forgetOlder(kept: KeptFiles, before: Uint8Array | null, { digest }: RemoteFolder): Promise<void> {
  const older = before && (JSON.parse(new TextDecoder().decode(before)) as RemoteFolder).digest;
  if (older && older !== digest) await kept.deleteUnder(`${older}/`);
}

function isAway(error: unknown): boolean {
  if (isDarkroomError(error)) return error.kind === 'connection' || error.kind === 'retry-later';
  return error instanceof DOMException && error.name === 'TimeoutError';
}

function pathIn(url: string, digest: string): RemoteFile['path'] {
  const { pathname } = new URL(url);
  return decodeURIComponent(pathname.slice(pathname.indexOf(digest) + digest.length + 1));
}

function there<T>(checkpoint: T | null, name: string | undefined): T {
  if (checkpoint) return checkpoint;
  throw new RequestError('NOT_FOUND', `The server has no checkpoint${name === undefined ? '' : ` ${name}`}`);
}

function unsupported(message: string): RequestError {
  return new RequestError('UNSUPPORTED', message);
}
