import { describe, expect, it } from 'vitest';
import { products } from './products.ts';

describe('products', () => {
  it.each([1, 5, 512, 513, 2_048])('are exact with the greatest codes there are, %d of them', dimensions => {
    const codes = new Int8Array(8 * dimensions).map((_, i) => (Math.floor(i / dimensions) % 2 ? -127 : 127));
    codes[4 * dimensions] = 1;
    const query = new Int16Array(dimensions).fill(-32_767);
    const into = new Float64Array(4);
    products(codes, 4, query, into);
    const all = 127 * 32_767 * dimensions;
    expect([...into]).toEqual([-all + 126 * 32_767, all, -all, all]);
  });
});
