import type { Tensor } from './runtime.ts';

/**
 * A picture in another size, as diffusers' `VaeImageProcessor` brings it to one: by Lanczos' windowed sinc over three lobes,
 * which grows with the factor when the picture shrinks, so that nothing is skipped. Equal to Pillow's
 * `image.resize((width, height), Image.LANCZOS)` byte for byte: rows first, rounded to bytes, then columns, with weights of
 * {@link weightBits} bits.
 *
 * Source: Duchon 1979, "Lanczos filtering in one and two dimensions"; checked against Pillow (`test/goldens/`).
 *
 * @param picture `[height, width, 3] uint8`
 * @returns the same of the new size; the picture itself where that is its own
 */
export function resize(picture: Tensor<Uint8Array>, width: number, height: number): Tensor<Uint8Array> {
  const [ownHeight, ownWidth] = picture.dims as [number, number, 3];
  let { data } = picture;
  if (width !== ownWidth) data = resizeRows(data, ownHeight, ownWidth, width);
  if (height !== ownHeight) data = resizeColumns(data, ownHeight, height, 3 * width);
  return data === picture.data ? picture : { data, dims: [height, width, 3] };
}

/** Lobes of the sinc on each side. */
const lobes = 3;
/** 32, less 8 for the bytes and 2 for sums beyond them. */
const weightBits = 22;

/** Which pixels, of a row or column, one new pixel is made of. */
interface Window {
  readonly begin: number;
  /** Fixed point: 2^22 is 1. Sums of bytes times these stay within 32 bits. */
  readonly weights: Int32Array;
}

function resizeRows(data: Uint8Array, rows: number, from: number, to: number): Uint8Array {
  const resized = new Uint8Array(rows * to * 3);
  const windows = windowsOf(from, to);
  let out = 0;
  for (let row = 0; row < rows; row++) {
    for (const { begin, weights } of windows) {
      let [red, green, blue] = [0, 0, 0];
      for (let i = 0, at = (row * from + begin) * 3; i < weights.length; i++, at += 3) {
        const weight = weights[i]!;
        red = (red + Math.imul(data[at]!, weight)) | 0;
        green = (green + Math.imul(data[at + 1]!, weight)) | 0;
        blue = (blue + Math.imul(data[at + 2]!, weight)) | 0;
      }
      resized[out++] = toByte(red);
      resized[out++] = toByte(green);
      resized[out++] = toByte(blue);
    }
  }
  return resized;
}

function resizeColumns(data: Uint8Array, from: number, to: number, stride: number): Uint8Array {
  const resized = new Uint8Array(to * stride);
  const sums = new Int32Array(stride);
  for (const [row, { begin, weights }] of windowsOf(from, to).entries()) {
    sums.fill(0);
    // Row by row, in the order in which they lie in memory.
    for (const [i, weight] of weights.entries()) {
      const first = (begin + i) * stride;
      for (let x = 0; x < stride; x++) sums[x] = sums[x]! + Math.imul(data[first + x]!, weight);
    }
    for (let x = 0; x < stride; x++) resized[row * stride + x] = toByte(sums[x]!);
  }
  return resized;
}

function windowsOf(from: number, to: number): Window[] {
  const scale = from / to;
  const stretch = Math.max(scale, 1);
  const reach = lobes * stretch;
  return Array.from({ length: to }, (_, i) => {
    const center = (i + 0.5) * scale;
    const begin = Math.max(0, Math.trunc(center - reach + 0.5));
    const end = Math.min(from, Math.trunc(center + reach + 0.5));
    const weights = Float64Array.from({ length: end - begin }, (_, x) => lanczos((begin + x - center + 0.5) / stretch));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return { begin, weights: Int32Array.from(weights, weight => toFixed(weight / total)) };
  });
}

function lanczos(x: number): number {
  return Math.abs(x) < lobes ? sinc(x) * sinc(x / lobes) : 0;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** Halves away from zero. */
function toFixed(weight: number): number {
  return Math.trunc(weight * 2 ** weightBits + (weight < 0 ? -0.5 : 0.5));
}

/** From fixed point, to the nearest byte. */
function toByte(sum: number): number {
  return Math.min(255, Math.max(0, Math.floor((sum + 2 ** (weightBits - 1)) / 2 ** weightBits)));
}
