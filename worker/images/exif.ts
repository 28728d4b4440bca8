/** EXIF's tag for how a picture is to be turned. */
const orientationTag = 0x0112;
const short = 3;

/**
 * How a picture is to be turned, 1 to 8; 1, as it is, where the data say nothing that can be understood.
 * Source: EXIF 2.32, which is TIFF 6.0.
 * @param exif from the byte order on, or from `Exif\0\0` on
 */
export function orientationOf(exif: Uint8Array): number {
  const tiff = exif[0] === 0x45 ? exif.subarray(6) : exif;
  if (tiff.byteLength < 8) return 1;
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  const order = view.getUint16(0);
  const little = order === 0x4949;
  if ((!little && order !== 0x4d4d) || view.getUint16(2, little) !== 42) return 1;
  const directory = view.getUint32(4, little);
  if (directory + 2 > tiff.byteLength) return 1;
  const entries = view.getUint16(directory, little);
  for (let i = 0, at = directory + 2; i < entries && at + 12 <= tiff.byteLength; i++, at += 12) {
    if (view.getUint16(at, little) !== orientationTag || view.getUint16(at + 2, little) !== short) continue;
    const orientation = view.getUint16(at + 8, little);
    return orientation >= 1 && orientation <= 8 ? orientation : 1;
  }
  return 1;
}
