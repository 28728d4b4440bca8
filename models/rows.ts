import type { FloatTensor } from './runtime.ts';

/** Tensors' numbers one after the other. */
export function joined(...parts: readonly Float32Array[]): Float32Array {
  const result = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    result.set(part, offset);
    offset += part.length;
  }
  return result;
}

/** A tensor of one row as one of `rows` equal ones; one of more rows as it is. */
export function repeatRow(tensor: FloatTensor, rows: number): FloatTensor {
  const [own, ...rest] = tensor.dims;
  if (own !== 1 || rows === 1) return tensor;
  return { data: joined(...new Array<Float32Array>(rows).fill(tensor.data)), dims: [rows, ...rest] };
}
