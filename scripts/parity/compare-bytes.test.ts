import { describe, expect, it } from 'vitest';
import { compareBytes, isSamePicture } from './compare-bytes.ts';

describe('compareBytes', () => {
  it('finds the largest difference and how many there are', () => {
    expect(compareBytes(Uint8Array.of(0, 10, 255, 7), Uint8Array.of(0, 11, 252, 7))).toEqual({
      largest: 3,
      share: 0.5,
    });
    expect(() => compareBytes(Uint8Array.of(1), Uint8Array.of(1, 2))).toThrow('1 bytes and 2');
    expect(() => compareBytes(Uint8Array.of(), Uint8Array.of())).toThrow(RangeError);
  });

  it('allows a byte of 200 to be one off, not two, and not more of them', () => {
    expect(isSamePicture({ largest: 1, share: 0.005 })).toBe(true);
    expect(isSamePicture({ largest: 2, share: 0.0001 })).toBe(false);
    expect(isSamePicture({ largest: 1, share: 0.0051 })).toBe(false);
  });
});
