import { expect, it } from 'vitest';
import { TorchGenerator } from '../../models/noise.ts';
import { measure } from './measure.ts';

const generator = new TorchGenerator(8);

/** Normal around a point of their own for each class. */
function clouds(classes: number, each: number, distance: number): Float32Array[][] {
  return Array.from({ length: classes }, (_, k) =>
    Array.from({ length: each }, () => {
      const row = generator.randn([20]).data.slice();
      row[k]! += distance;
      return row;
    }),
  );
}

it('finds what can be told apart, from few examples', () => {
  const { right, total } = measure({ examples: clouds(4, 10, 8), tests: clouds(4, 50, 8) });
  expect(total).toBe(200);
  expect(right).toBeGreaterThan(195);
});

it('finds nothing where there is nothing', () => {
  const { right } = measure({ examples: clouds(4, 10, 0), tests: clouds(4, 100, 0) });
  // Binomial with 400 and ¼: 99.9 % lie within 3.3 deviations of 8.7.
  expect(Math.abs(right - 100)).toBeLessThan(29);
});
