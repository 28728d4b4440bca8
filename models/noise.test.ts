import { describe, expect, it } from 'vitest';
import { TorchGenerator } from './noise.ts';

const close = (actual: ArrayLike<number>, expected: readonly number[], tolerance: number) => {
  expect(actual).toHaveLength(expected.length);
  for (const [i, value] of expected.entries()) expect(Math.abs(actual[i]! - value)).toBeLessThanOrEqual(tolerance);
};

describe('TorchGenerator', () => {
  // Printed by PyTorch 2.15 on CPU; many more draws are in test/goldens.
  it('draws what torch.randn draws, few numbers', () => {
    close(
      new TorchGenerator(42).randn([3]).data,
      [0.33669036626815796, 0.12880940735340118, 0.23446236550807953],
      1e-6,
    );
  });

  it('draws what torch.randn draws, in blocks and with a tail', () => {
    const { data, dims } = new TorchGenerator(42n).randn([4, 5]);
    expect(dims).toEqual([4, 5]);
    close(data.subarray(0, 3), [1.9269152879714966, 1.4872840642929077, 0.9007171988487244], 5e-6);
    close(data.subarray(18), [0.8034093379974365, -0.6215953826904297], 5e-6);
  });

  it('goes by the low 32 bits of the seed', () => {
    const draw = (seed: bigint | number) => new TorchGenerator(seed).randn([17]).data;
    expect(draw(2n ** 32n + 42n)).toEqual(draw(42));
    expect(draw(-1)).toEqual(draw(2 ** 32 - 1));
    expect(draw(42)).not.toEqual(draw(43));
  });

  it('keeps the second number of a pair for the next small draw, past a large one', () => {
    const one = new TorchGenerator(7);
    const two = new TorchGenerator(7);
    const pair = one.randn([2]).data;
    const [first] = two.randn([1]).data;
    const large = two.randn([16]).data;
    expect([first, ...two.randn([1]).data]).toEqual([...pair]);
    expect(large).toEqual(one.randn([16]).data);
  });

  it('draws uniform numbers and integers within their bounds', () => {
    const generator = new TorchGenerator(1);
    for (const value of generator.rand([100]).data) expect(value >= 0 && value < 1).toBe(true);
    for (const value of generator.randint(-3, 3, [100]).data) expect(value >= -3 && value < 3).toBe(true);
    expect(() => generator.randint(3, 3, [1])).toThrow('randint from 3 to 3');
    expect(generator.randn([0]).data).toHaveLength(0);
  });
});
