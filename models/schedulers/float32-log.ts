const { fround, clz32 } = Math;

/** Coefficients of P(y) / Q(y) ≈ log(1 + y), the constant first. */
const p = [0, 1, 2.112677543, 1.480000634, 0.3808837741, 0.02589977908].map(fround);
const q = [1, 2.612677543, 2.453006072, 0.9864942959, 0.1546476375, 0.005875095403].map(fround);

const bits = new DataView(new ArrayBuffer(4));

/**
 * log of a positive normal float32 as numpy's vectorised kernels compute it: within 4 units in the last place, and with
 * exactly their errors. Where diffusers cuts an interpolated timestep to a whole number, the last bit decides which
 * number it is.
 *
 * Source: the rational approximation of numpy's float32 `log` (x = 2^e (1 + y), y from √½ − 1 to √2 − 1).
 */
export function float32Log(x: number): number {
  bits.setFloat32(0, x);
  const word = bits.getInt32(0);
  if (word <= 0 || clz32(word) > 8 || x === Number.POSITIVE_INFINITY) return fround(Math.log(x));
  let exponent = (word >> 23) - 127;
  bits.setInt32(0, (word & 0x7fffff) | (127 << 23));
  let mantissa = bits.getFloat32(0);
  if (mantissa > fround(Math.SQRT2)) {
    mantissa /= 2;
    exponent++;
  }
  const y = mantissa - 1;
  // Fused multiply-adds: a product of two float32 is exact in float64.
  const horner = (coefficients: readonly number[]) => coefficients.reduceRight((sum, c) => fround(sum * y + c), 0);
  return fround(exponent * fround(Math.LN2) + fround(horner(p) / horner(q)));
}
