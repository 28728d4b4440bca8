import type { ImageFormat } from '../../schema/context.ts';
import { codecsVersion, fileTypes } from './codecs.ts';

/** Where a latent's picture is kept as a file. */
export function imageBlob(latentKey: string, format: ImageFormat): string {
  return `images/${latentKey}.v${codecsVersion}.${fileTypes[format].extension}`;
}

/** In every format. */
export function imageBlobs(latentKey: string): string[] {
  return (Object.keys(fileTypes) as ImageFormat[]).map(format => imageBlob(latentKey, format));
}

/** Where a contact sheet's picture is kept as a file. @param blob what the names of its files begin with */
export function sheetBlob(blob: string, format: ImageFormat): string {
  return `${blob}.${fileTypes[format].extension}`;
}

/** In every format. */
export function sheetBlobs(blob: string): string[] {
  return (Object.keys(fileTypes) as ImageFormat[]).map(format => sheetBlob(blob, format));
}
