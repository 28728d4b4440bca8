import sharp from 'sharp';

/** A picture that was made small and large again: PNG. What is left of it in `small` × `small` pixels. */
export async function thumbnail(file: Uint8Array, small: number): Promise<Uint8Array> {
  const { width, height } = await sharp(file).metadata();
  const tiny = await sharp(file).removeAlpha().resize(small, small, { kernel: 'lanczos3' }).png().toBuffer();
  return sharp(tiny).resize(width, height, { kernel: 'cubic' }).png().toBuffer();
}

/** Peak signal-to-noise ratio in dB of two pictures of one size. */
export async function psnr(one: Uint8Array, other: Uint8Array): Promise<number> {
  const [a, b] = await Promise.all([one, other].map(file => sharp(file).removeAlpha().raw().toBuffer()));
  let squares = 0;
  for (let i = 0; i < a!.length; i++) squares += (a![i]! - b![i]!) ** 2;
  return 10 * Math.log10((255 ** 2 * a!.length) / squares);
}
