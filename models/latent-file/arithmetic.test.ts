import { expect, it } from 'vitest';
import { exponential, squareRoot, squash, stretch } from './arithmetic.ts';

it('is about what mathematics has', () => {
  for (let x = -12; x <= 12; x += 0.37) {
    expect(exponential(x) / Math.exp(x)).toBeGreaterThan(0.9);
    expect(exponential(x) / Math.exp(x)).toBeLessThan(1.1);
    expect(squash(x) + squash(-x)).toBe(1);
  }
  for (const probability of [0.001, 0.02, 0.3, 0.5, 0.9, 0.999]) {
    expect(squash(stretch(probability))).toBeCloseTo(probability, 5);
  }
  for (let power = -300; power <= 300; power += 7) {
    const root = squareRoot(1.7 * 10 ** power);
    expect(root / Math.sqrt(1.7 * 10 ** power)).toBeCloseTo(1, 14);
  }
  expect(squareRoot(0)).toBe(0);
});
