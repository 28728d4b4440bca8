import type { FloatTensor, Tensor } from './runtime.ts';

/**
 * A decoded picture as bytes, exactly as diffusers' `VaeImageProcessor` makes them: x/2 + 0.5, clamped to 0..1, times 255,
 * rounded half to even, each step in float32.
 *
 * @param image `[batch, channels, height, width] float32`, about -1..1
 * @returns `[batch, height, width, channels] uint8`
 */
export function toPixels(image: FloatTensor): Tensor<Uint8Array> {
  const [batch, channels, height, width] = image.dims as [number, number, number, number];
  const plane = height * width;
  const data = new Uint8Array(batch * plane * channels);
  const { fround } = Math;
  for (let item = 0; item < batch; item++) {
    for (let channel = 0; channel < channels; channel++) {
      const from = (item * channels + channel) * plane;
      for (let i = 0; i < plane; i++) {
        const unit = Math.min(1, Math.max(0, fround(image.data[from + i]! / 2 + 0.5)));
        data[(item * plane + i) * channels + channel] = roundHalfToEven(fround(unit * 255));
      }
    }
  }
  return { data, dims: [batch, height, width, channels] };
}

/**
 * Bytes as the encoder wants them: `2 (x / 255) - 1`, each step in float32.
 * @param pixels `[batch, height, width, channels] uint8`
 * @returns `[batch, channels, height, width] float32` in -1..1
 */
export function fromPixels(pixels: Tensor<Uint8Array>): FloatTensor {
  const [batch, height, width, channels] = pixels.dims as [number, number, number, number];
  const plane = height * width;
  const data = new Float32Array(batch * channels * plane);
  for (let item = 0; item < batch; item++) {
    for (let i = 0; i < plane; i++) {
      for (let channel = 0; channel < channels; channel++) {
        const byte = pixels.data[(item * plane + i) * channels + channel]!;
        data[(item * channels + channel) * plane + i] = 2 * Math.fround(byte / 255) - 1;
      }
    }
  }
  return { data, dims: [batch, channels, height, width] };
}

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}
