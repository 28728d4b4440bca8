import { expect, test } from 'vitest';
import { isParity, judge } from './judgement.ts';

const result = (byte: number, latent: number) => ({
  pixels: Uint8Array.of(byte, 0),
  latent: Float32Array.of(latent, 0),
});
const theirs = result(100, 1.01);
const exact = Float64Array.of(1, 0);

test('equal bytes are enough', () => {
  expect(judge(result(100, 9), theirs, null)).toMatchObject({ verdict: 'same', distances: null });
});

test('others are near where the latent is at most twice as far from float64 as float32 is', () => {
  expect(judge(result(110, 1.019), theirs, exact)).toMatchObject({ verdict: 'near', bytes: { largest: 10 } });
  expect(judge(result(110, 0.981), theirs, exact).verdict).toBe('near');
  expect(judge(result(110, 1.021), theirs, exact).verdict).toBe('off');
  expect(judge(result(110, Number.NaN), theirs, exact).verdict).toBe('off');
  expect(judge(result(110, 1), theirs, null).verdict).toBe('off');
});

test('one in twenty may be near, and none off', () => {
  const of = (verdict: 'same' | 'near' | 'off', count: number) =>
    Array.from({ length: count }, () => ({ bytes: { largest: 0, share: 0 }, distances: null, verdict }));
  expect(isParity([...of('same', 19), ...of('near', 1)])).toBe(true);
  expect(isParity([...of('same', 18), ...of('near', 1)])).toBe(false);
  expect(isParity([...of('same', 99), ...of('off', 1)])).toBe(false);
});
