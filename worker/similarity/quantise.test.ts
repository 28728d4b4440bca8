import { describe, expect, it } from 'vitest';
import { syntheticVector } from '../../test/edge/synthetic-vectors.ts';
import { cosine, norm } from './cosine.ts';
import { quantise, radius } from './quantise.ts';

/** Shapes of vectors that quantising may find hard, each from a plain one. */
const kinds: Readonly<Record<string, (plain: Float32Array) => Float32Array>> = {
  plain: plain => plain,
  'one number far above the others': plain => plain.map((x, i) => (i === 0 ? 1_000 : x)),
  'a single number': plain => plain.map((_, i) => (i === plain.length - 1 ? -3 : 0)),
  'all the same': plain => plain.fill(-0.1),
  'halfway between codes': plain => plain.map((_, i) => (i === 0 ? 127 : 0.5)),
  'as small as can be': plain => plain.map((_, i) => (i % 2 ? 1e-45 : 4e-45)),
  'as large as can be': plain => plain.map((_, i) => (i % 2 ? 3.4e38 : -3e38)),
  'far from the middle': plain => plain.map(x => x + 20),
};

const cases = Object.entries(kinds).flatMap(([kind, shape]) =>
  [1, 2, 3, 64, 257, 2_048].map(dimensions => ({ kind, shape, dimensions })),
);

describe('quantise', () => {
  it.each(cases)('knows how far off the codes of $dimensions numbers are: $kind', ({ shape, dimensions }) => {
    for (let seed = 0; seed < 10; seed++) {
      const vector = shape(syntheticVector(seed, dimensions).numbers);
      const length = norm(vector);
      for (const codes of [new Int8Array(dimensions), new Int16Array(dimensions)]) {
        const { scale, error } = quantise(vector, codes);
        const off = Math.hypot(...vector.map((x, i) => x / length - scale * codes[i]!));
        // Float32Array.map rounds what is compared here; nothing else is added.
        expect(off).toBeLessThanOrEqual(error * (1 + 1e-6) + 1e-12);
        expect([scale, error]).toEqual([Math.fround(scale), Math.fround(error)]);
        // Half a step for every number, and no more.
        expect(error).toBeLessThanOrEqual((scale / 2) * Math.sqrt(dimensions) * 1.001 + 1e-7);
      }
    }
  });

  it.each(cases)('leaves the cosine within its interval: $dimensions numbers, $kind', ({ shape, dimensions }) => {
    for (let seed = 0; seed < 30; seed++) {
      const row = shape(syntheticVector(seed, dimensions).numbers);
      // From about opposite, over unrelated, to nearly the same.
      const towards = (9 * ((seed % 7) - 3)) / norm(row);
      const query = syntheticVector(seed + 1_000, dimensions).numbers.map((x, i) => x + towards * row[i]!);
      const [rowCodes, queryCodes] = [new Int8Array(dimensions), new Int16Array(dimensions)];
      const a = quantise(row, rowCodes);
      const b = quantise(query, queryCodes);
      const product = rowCodes.reduce((sum, code, i) => sum + code * queryCodes[i]!, 0);
      const estimate = a.scale * b.scale * product;
      expect(Math.abs(cosine(row, query) - estimate)).toBeLessThanOrEqual(radius(a.error, b.error));
    }
  });

  it('with 256 numbers in all directions leaves an interval of about 0.007 either way', () => {
    const radii = Array.from({ length: 50 }, (_, i) => {
      const { numbers } = syntheticVector(i, 256);
      return radius(quantise(numbers, new Int8Array(256)).error, quantise(numbers, new Int16Array(256)).error);
    });
    expect(Math.max(...radii)).toBeLessThan(0.01);
  });
});
