import type { CheckpointFiles } from '../../../models/checkpoint/files.ts';
import { RequestError } from '../errors.ts';
import { FetchedFiles, type RemoteFolder } from './fetched-files.ts';
import type { FolderOptions, Server } from './folders.ts';
import type { WebRuntimeOptions } from './onnxruntime-web.ts';
import type { OnProgress } from './progress.ts';

/** Where a checkpoint comes from: a server, or a copy of its folder that the page has by itself. */
export type Place = Server | { readonly files: CheckpointFiles };

export interface OpenOptions extends FolderOptions, WebRuntimeOptions {
  readonly onProgress?: OnProgress | undefined;
  /** How long to go on trying when the server is away while files are fetched, in milliseconds. Default: a minute. */
  readonly patienceMs?: number | undefined;
  /** Nothing is fetched of a checkpoint that takes more bytes than this. Default: 256 MiB. */
  readonly mostBytes?: number | undefined;
}

const defaultMostBytes = 256 * 1024 * 1024;

/**
 * All files that are needed, in memory or kept by the browser.
 * @throws DarkroomError UNSUPPORTED when they are too large
 */
export async function filesOf(
  place: Place,
  folderOf: (server: Server, options: FolderOptions) => Promise<RemoteFolder>,
  options: OpenOptions,
): Promise<{ readonly files: CheckpointFiles; readonly digest: string | null }> {
  if ('files' in place) return { files: place.files, digest: null };
  const folder = await folderOf(place, options);
  const bytes = folder.files.reduce((sum, file) => sum + (file.bytes ?? 0), 0);
  const { mostBytes = defaultMostBytes } = options;
  if (bytes > mostBytes) {
    throw new RequestError('UNSUPPORTED', `It takes ${bytes} bytes to do this here: at most ${mostBytes} are allowed`);
  }
  const files = new FetchedFiles(folder, options);
  await files.readAll();
  return { files, digest: folder.digest };
}
