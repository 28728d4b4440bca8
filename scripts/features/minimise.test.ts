import { describe, expect, it } from 'vitest';
import { minimise } from './minimise.ts';

describe('the lowest point', () => {
  it('of a long narrow valley is found', () => {
    // Σ cᵢ (xᵢ − i)² / 2 with c from 1 to 10,000: lowest where xᵢ = i.
    const steepness = [1, 10, 100, 1_000, 10_000];
    const lowest = minimise(
      (point, gradient) => {
        return steepness.reduce((value, c, i) => {
          gradient[i] = c * (point[i]! - i);
          return value + (c / 2) * (point[i]! - i) ** 2;
        }, 0);
      },
      5,
      1e-8,
    );
    for (const [i, x] of lowest.entries()) expect(x).toBeCloseTo(i, 7);
  });

  it('of a bent one too (Rosenbrock 1960: at 1, 1)', () => {
    const [x, y] = minimise(
      ([x, y], gradient) => {
        gradient[0] = -2 * (1 - x!) - 400 * x! * (y! - x! ** 2);
        gradient[1] = 200 * (y! - x! ** 2);
        return (1 - x!) ** 2 + 100 * (y! - x! ** 2) ** 2;
      },
      2,
      1e-8,
    );
    expect(x).toBeCloseTo(1, 6);
    expect(y).toBeCloseTo(1, 6);
  });

  it('is where it began, where that is it', () => {
    const flat = minimise((_, gradient) => {
      gradient.fill(0);
      return 3;
    }, 4);
    expect([...flat]).toEqual([0, 0, 0, 0]);
  });
});
