import { arch } from 'node:os';
import { expect, it } from 'vitest';
import { processorOf, thisProcessor } from './processor.ts';

it('names the instructions that decide how results are rounded, in one order', () => {
  const info =
    'processor\t: 0\nflags\t\t: fpu vme fma avx512f sse avx avx2 amx_tile\n\nprocessor\t: 1\nflags\t\t: fma\n';
  expect(processorOf(info, 'Xeon', 'x64')).toBe('x64 amx_tile avx avx2 avx512f fma');
  expect(processorOf('Features\t: fp asimd fphp\n', '', 'arm64')).toBe('arm64 asimd fphp');
});

it('names the model where features are not known', () => {
  expect(processorOf(null, 'Apple M4', 'arm64')).toBe('arm64 Apple M4');
  expect(processorOf('model name: x', 'Old', 'ia32')).toBe('ia32 Old');
});

it('is the same whenever a machine is asked', async () => {
  expect(await thisProcessor()).toBe(await thisProcessor());
  expect(await thisProcessor()).toMatch(new RegExp(`^${arch()} \\S`));
});
