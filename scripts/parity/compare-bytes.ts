/** How two pictures differ, byte by byte. */
export interface ByteDifference {
  /** The largest difference of two bytes. */
  readonly largest: number;
  /** How many of all bytes differ, 0 to 1. */
  readonly share: number;
}

/** At most this far apart, and at most this many of them, is the same picture. */
export const allowed: ByteDifference = { largest: 1, share: 0.005 };

/** @throws RangeError when there are not equally many bytes */
export function compareBytes(a: Uint8Array, b: Uint8Array): ByteDifference {
  if (a.length !== b.length || a.length === 0) throw new RangeError(`${a.length} bytes and ${b.length}`);
  let largest = 0;
  let different = 0;
  for (let i = 0; i < a.length; i++) {
    const distance = Math.abs(a[i]! - b[i]!);
    if (distance > 0) different++;
    if (distance > largest) largest = distance;
  }
  return { largest, share: different / a.length };
}

export function isSamePicture({ largest, share }: ByteDifference): boolean {
  return largest <= allowed.largest && share <= allowed.share;
}
