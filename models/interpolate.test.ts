import { describe, expect, it } from 'vitest';
import { slerp } from './interpolate.ts';
import { TorchGenerator } from './noise.ts';

const tensor = (...data: number[]) => ({ data: Float32Array.from(data), dims: [data.length] });
const length = ({ data }: { readonly data: Float32Array }) => Math.hypot(...data);

describe('slerp', () => {
  it('goes along the arc', () => {
    const half = slerp(tensor(1, 0), tensor(0, 1), 0.5).data;
    expect(half[0]).toBeCloseTo(Math.SQRT1_2, 6);
    expect(half[1]).toBeCloseTo(Math.SQRT1_2, 6);
    const third = slerp(tensor(1, 0), tensor(0, 1), 1 / 3).data;
    expect(third[0]).toBeCloseTo(Math.cos(Math.PI / 6), 6);
  });

  it('ends where it is to', () => {
    const [a, b] = [new TorchGenerator(1), new TorchGenerator(2)].map(generator => generator.randn([8, 4, 4]));
    expect(slerp(a!, b!, 0)).toEqual(a);
    expect(slerp(a!, b!, 1)).toEqual(b);
  });

  it('keeps noise as strong as noise is, where the mean would not', () => {
    const [a, b] = [new TorchGenerator(1), new TorchGenerator(2)].map(generator => generator.randn([8, 16, 16]));
    const half = slerp(a!, b!, 0.5);
    expect(length(half) / length(a!)).toBeGreaterThan(0.95);
    const mean = { data: a!.data.map((value, i) => (value + b!.data[i]!) / 2) };
    expect(length(mean) / length(a!)).toBeLessThan(0.8);
  });

  it('goes straight between what is parallel, opposite or nothing', () => {
    expect([...slerp(tensor(1, 1), tensor(3, 3), 0.5).data]).toEqual([2, 2]);
    expect([...slerp(tensor(1, 2), tensor(-1, -2), 0.25).data]).toEqual([0.5, 1]);
    expect([...slerp(tensor(0, 0), tensor(4, 2), 0.5).data]).toEqual([2, 1]);
  });

  it('refuses latents of different shapes', () => {
    expect(() => slerp(tensor(1, 2), tensor(1, 2, 3), 0.5)).toThrow('latents [2] and [3]');
  });
});
