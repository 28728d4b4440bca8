/**
 * Orthonormal axes as whole numbers: a product of plane rotations, each given by the tangent of half its angle, from which
 * sine and cosine follow by + - * / alone. Source: Golub and Van Loan, Matrix Computations, on Givens rotations.
 */
import { squareRoot } from './arithmetic.ts';
import { turn } from './principal-axes.ts';

/** How many angles say what the first `rank` axes of `channels` are. */
export function angleCount(channels: number, rank: number): number {
  return (rank * (2 * channels - rank - 1)) / 2;
}

/**
 * The angles of axes: all of the first, then all of the second, so that the first few axes need the first few only. An axis
 * may be turned round.
 * @param axes orthonormal, as many as they have numbers
 * @param bits of each angle
 * @returns numbers below 2^bits
 */
export function anglesOf(axes: readonly Float64Array[], bits: number): Uint16Array {
  // Columns are axes: each rotation of two rows brings one number of a column to 0, until the axes are those of the space.
  const rows = axes.map((_, i) => Float64Array.from(axes, axis => axis[i]!));
  const angles: number[] = [];
  for (const [axis, own] of rows.entries()) {
    if (own[axis]! < 0) for (const row of rows) row[axis]! *= -1;
    for (const other of rows.slice(axis + 1)) {
      const [near, far] = [own[axis]!, other[axis]!];
      const length = squareRoot(near * near + far * far);
      const tangent = length + near > 0 ? far / (length + near) : 0;
      const angle = Math.max(0, Math.min(2 ** bits - 1, Math.round((tangent + 1) * 2 ** (bits - 1))));
      angles.push(angle);
      const [cosine, sine] = cosineAndSine(angle, bits);
      turn(own, other, cosine, -sine);
    }
  }
  return Uint16Array.from(angles);
}

/** The first `rank` axes of angles, unit vectors of `channels` numbers: the same on every machine. */
export function frameOf(angles: Uint16Array, channels: number, rank: number, bits: number): Float64Array[] {
  const rows = Array.from({ length: channels }, (_, i) =>
    Float64Array.from({ length: rank }, (_, axis) => (i === axis ? 1 : 0)),
  );
  let at = angleCount(channels, rank);
  for (let axis = rank - 1; axis >= 0; axis--) {
    for (let other = channels - 1; other > axis; other--) {
      const [cosine, sine] = cosineAndSine(angles[--at]!, bits);
      turn(rows[axis]!, rows[other]!, cosine, sine);
    }
  }
  return Array.from({ length: rank }, (_, axis) => Float64Array.from(rows, row => row[axis]!));
}

function cosineAndSine(angle: number, bits: number): [number, number] {
  const tangent = angle / 2 ** (bits - 1) - 1;
  const square = tangent * tangent;
  return [(1 - square) / (1 + square), (2 * tangent) / (1 + square)];
}
