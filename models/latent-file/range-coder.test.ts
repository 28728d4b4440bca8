import { expect, it } from 'vitest';
import { probabilityParts, RangeDecoder, RangeEncoder } from './range-coder.ts';
import { uniform } from './test-latents.ts';

it('reads what it wrote, whatever the probabilities, in about as many bytes as the bits are worth', () => {
  for (let seed = 0; seed < 200; seed++) {
    const next = uniform(seed);
    const decisions = Array.from({ length: Math.floor(next() * 400) }, () => {
      const roll = next();
      const parts =
        roll < 0.2 ? 1 : roll < 0.4 ? probabilityParts - 1 : 1 + Math.floor(next() * (probabilityParts - 1));
      return { parts, bit: next() < (seed % 2 ? 0.5 : parts / probabilityParts) };
    });
    const encoder = new RangeEncoder();
    let worth = 0;
    for (const { bit, parts } of decisions) {
      encoder.code(bit, parts);
      worth -= Math.log2((bit ? parts : probabilityParts - parts) / probabilityParts);
    }
    const bytes = encoder.finish();
    expect(bytes.byteLength).toBeLessThanOrEqual((worth / 8) * 1.002 + 2);
    const decoder = new RangeDecoder(bytes);
    expect(decisions.map(({ parts }) => decoder.code(false, parts))).toEqual(decisions.map(({ bit }) => bit));
  }
});
