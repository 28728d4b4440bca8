import type { ImageFormat } from '../../schema/context.ts';
import { withXmp } from '../images/png.ts';
import { withJpegXmp } from './jpeg-xmp.ts';
import type { SourceType } from './source-type.ts';
import { withWebpXmp } from './webp-xmp.ts';
import { xmpPacket } from './xmp.ts';

const writers = { PNG: withXmp, WEBP: withWebpXmp, JPEG: withJpegXmp } as const satisfies Record<ImageFormat, unknown>;

/** Part of a picture's ETag: raise it when the same picture and type would give other bytes. */
export const provenanceVersion = 1;

/** The same picture in a file that tells its digital source type. @throws RangeError for a file of another format */
export function withSourceType(file: Uint8Array, format: ImageFormat, type: SourceType): Uint8Array<ArrayBuffer> {
  return writers[format](file, xmpPacket(type));
}
