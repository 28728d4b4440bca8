const ROUNDS = 200;

/**
 * Where rows lie along the two directions in which they differ most: their first two principal components. By power
 * iteration on the rows' products with each other, of which there are fewer than of the numbers in a row.
 * @returns `[x, y]` of each row, with the mean at 0
 */
export function principalComponents(rows: readonly Float32Array[]): [number, number][] {
  const mean = Float64Array.from(rows[0]!, (_, j) => rows.reduce((sum, row) => sum + row[j]! / rows.length, 0));
  const centred = rows.map(row => Float64Array.from(row, (x, j) => x - mean[j]!));
  const products = centred.map(a => Float64Array.from(centred, b => dot(a, b)));
  const first = strongest(products);
  // Without what the first direction explains.
  const rest = products.map((line, i) => line.map((x, j) => x - first[i]! * first[j]!));
  const second = strongest(rest);
  return rows.map((_, i) => [first[i]!, second[i]!]);
}

/** √λ v of the eigenvector v with the largest eigenvalue λ: the rows' places along that direction. */
function strongest(products: readonly Float64Array[]): Float64Array {
  // Any beginning that is at no right angle to v would do.
  let vector = Float64Array.from(products, (line, i) => line[i]! + i / products.length);
  let value = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const next = Float64Array.from(products, line => dot(line, vector));
    value = Math.sqrt(dot(next, next));
    if (value === 0) return next;
    vector = next.map(x => x / value);
  }
  return vector.map(x => x * Math.sqrt(value));
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
