/** How many steps there are. A step is stored as its number, one byte. */
export const steps = 256;

const fractions = 8;
const least = 2 ** -16;

/** Step number 0..255: from 2^-16 up in eighths of a power of two, `(1 + fraction / 8) · 2^(exponent - 16)`; exact in float32. */
export function stepOf(index: number): number {
  return (1 + (index % fractions) / fractions) * 2 ** Math.floor(index / fractions) * least;
}
