import type { CheckpointFiles } from '../../../models/checkpoint/files.ts';
import { FetchedFiles, type FetchedFilesOptions } from './fetched-files.ts';

export interface StaticFilesOptions extends FetchedFilesOptions {
  /** Where the folder is, with or without a slash at its end: absolute, or from the page's address. */
  readonly base: string;
  /** Every file of it, such as `unet/config.json`. */
  readonly paths: readonly string[];
}

/**
 * A copy of a checkpoint's folder that is served as static files: no Darkroom is asked.
 *
 * @example
 * const files = staticFiles({ base: '/checkpoint/', paths });
 * const developer = await openDeveloper({ files });
 */
export function staticFiles({ base, paths, ...options }: StaticFilesOptions): CheckpointFiles {
  const root = new URL(base.endsWith('/') ? base : `${base}/`, globalThis.location?.href);
  const urlOf = (path: string) => new URL(path.split('/').map(encodeURIComponent).join('/'), root).href;
  return new FetchedFiles(
    { digest: null, files: paths.map(path => ({ path, url: urlOf(path), bytes: null })) },
    options,
  );
}
