import { describe, expect, it } from 'vitest';
import { canonicalJson } from './canonical-json.ts';

describe('canonicalJson', () => {
  it('sorts at every depth and leaves lists in their order', () => {
    expect(canonicalJson({ b: [{ d: 1, c: 'é' }, true], a: null })).toBe('{"a":null,"b":[{"c":"é","d":1},true]}');
  });

  it('writes equal numbers equally', () => {
    expect(canonicalJson([1.0, -0, 1e21, 0.1])).toBe('[1,0,1e+21,0.1]');
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, undefined, () => 1, 1n])('refuses %s', value => {
    expect(() => canonicalJson({ value })).toThrow(TypeError);
  });
});
