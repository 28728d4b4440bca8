import { resize } from './resize.ts';

/** A picture: `data` is `[height, width, 3] uint8`, red, green and blue. */
export interface Pixels {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/**
 * A picture of any size as one of the given size: the largest part from its middle that has the proportions is cut out and
 * scaled, by Lanczos' filter as everywhere. Nothing is stretched.
 */
export function fitted(picture: Pixels, width: number, height: number): Pixels {
  const { data, width: ownWidth, height: ownHeight } = picture;
  if (ownWidth === width && ownHeight === height) return picture;
  const scale = Math.min(ownWidth / width, ownHeight / height);
  const part = middle(data, ownWidth, ownHeight, atLeastOne(width * scale), atLeastOne(height * scale));
  const { data: scaled } = resize(part, width, height);
  return { data: scaled, width, height };
}

function atLeastOne(side: number): number {
  return Math.max(1, Math.round(side));
}

function middle(data: Uint8Array, ownWidth: number, ownHeight: number, width: number, height: number) {
  const dims = [height, width, 3];
  if (width === ownWidth && height === ownHeight) return { data, dims };
  const left = Math.floor((ownWidth - width) / 2);
  const top = Math.floor((ownHeight - height) / 2);
  const part = new Uint8Array(width * height * 3);
  for (let row = 0; row < height; row++) {
    const from = ((top + row) * ownWidth + left) * 3;
    part.set(data.subarray(from, from + width * 3), row * width * 3);
  }
  return { data: part, dims };
}
