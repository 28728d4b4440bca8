import { squareRoot } from './arithmetic.ts';

const mostSweeps = 30;

/**
 * The axes along which a latent's channels vary together, unit vectors of `channels` numbers, from the most variance to
 * the least: the eigenvectors of the channels' covariance, by Jacobi's rotations.
 * Source: Golub and Van Loan, Matrix Computations, on Jacobi methods.
 * @param data `[channels, plane]`
 */
export function principalAxes(data: Float32Array, channels: number): Float64Array[] {
  const rest = covariance(data, channels);
  const axes = rest.map((_, i) => Float64Array.from(rest, (_, j) => (i === j ? 1 : 0)));
  const negligible = 1e-12 * rest.reduce((sum, row, i) => sum + row[i]!, 0);
  for (let sweep = 0, left = 1; sweep < mostSweeps && left > 0; sweep++) {
    left = 0;
    for (let p = 0; p < channels; p++) {
      for (let q = p + 1; q < channels; q++) {
        if (Math.abs(rest[p]![q]!) <= negligible) continue;
        left++;
        const [cosine, sine] = diagonalising(rest[p]![p]!, rest[p]![q]!, rest[q]![q]!);
        turn(rest[p]!, rest[q]!, cosine, sine);
        for (const row of rest) {
          [row[p], row[q]] = [cosine * row[p]! - sine * row[q]!, sine * row[p]! + cosine * row[q]!];
        }
        turn(axes[p]!, axes[q]!, cosine, sine);
      }
    }
  }
  const order = axes.map((_, i) => i).sort((i, j) => rest[j]![j]! - rest[i]![i]!);
  return order.map(i => axes[i]!);
}

/** Turns two rows into `cosine · first - sine · second` and `sine · first + cosine · second`. */
export function turn(first: Float64Array, second: Float64Array, cosine: number, sine: number): void {
  for (let i = 0; i < first.length; i++) {
    const [a, b] = [first[i]!, second[i]!];
    first[i] = cosine * a - sine * b;
    second[i] = sine * a + cosine * b;
  }
}

/** Cosine and sine of the turn that makes `[[a, b], [b, d]]` diagonal. */
function diagonalising(a: number, b: number, d: number): [number, number] {
  const cotangent = (d - a) / (2 * b);
  const tangent = (cotangent < 0 ? -1 : 1) / (Math.abs(cotangent) + squareRoot(cotangent * cotangent + 1));
  const cosine = 1 / squareRoot(tangent * tangent + 1);
  return [cosine, tangent * cosine];
}

function covariance(data: Float32Array, channels: number): Float64Array[] {
  const plane = data.length / channels;
  const centred = Array.from({ length: channels }, (_, channel) => {
    const values = Float64Array.from(data.subarray(channel * plane, (channel + 1) * plane));
    const mean = values.reduce((sum, value) => sum + value, 0) / plane;
    return values.map(value => value - mean);
  });
  return centred.map(first =>
    Float64Array.from(centred, second => first.reduce((sum, value, i) => sum + value * second[i]!, 0) / plane),
  );
}
