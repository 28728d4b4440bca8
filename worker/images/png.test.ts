import { inflateSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { crc32 } from '../../models/latent-file/crc32.ts';
import { encodePng, withTexts } from './png.ts';

/** Smooth in one part, noise in the other, so that every filter is chosen somewhere. */
function picture(width: number, height: number): Uint8Array {
  let random = 1;
  return Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    random = (random * 48271) % 2147483647;
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    return y < height / 2 ? (x * 3 + y * 5 + i) & 0xff : random & 0xff;
  });
}

interface Chunk {
  readonly type: string;
  readonly data: Buffer;
}

/** Reads chunks as a strict reader does. */
function chunksOf(png: Uint8Array): Chunk[] {
  const buffer = Buffer.from(png);
  const chunks: Chunk[] = [];
  for (let at = 8; at < buffer.length; ) {
    const length = buffer.readUInt32BE(at);
    const body = buffer.subarray(at + 4, at + 8 + length);
    expect(buffer.readUInt32BE(at + 8 + length)).toBe(crc32(body));
    chunks.push({ type: body.subarray(0, 4).toString('latin1'), data: body.subarray(4) });
    at += 12 + length;
  }
  return chunks;
}

describe('encodePng', () => {
  it.each([
    [1, 1],
    [3, 2],
    [64, 40],
  ])('writes %i×%i pixels that another decoder reads unchanged', async (width, height) => {
    const rgb = picture(width, height);
    const { data, info } = await sharp(await encodePng(rgb, width, height))
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect(info).toMatchObject({ width, height, channels: 3 });
    expect(new Uint8Array(data)).toEqual(rgb);
  });

  it('writes the chunks of an 8-bit RGB file, with their CRCs', async () => {
    const chunks = chunksOf(await encodePng(picture(5, 4), 5, 4));
    expect(chunks.map(({ type }) => type)).toEqual(['IHDR', 'IDAT', 'IEND']);
    expect([...chunks[0]!.data]).toEqual([0, 0, 0, 5, 0, 0, 0, 4, 8, 2, 0, 0, 0]);
    expect(inflateSync(chunks[1]!.data)).toHaveLength(4 * (1 + 5 * 3));
  });

  it('refuses pixels that do not fill the picture', async () => {
    await expect(encodePng(new Uint8Array(11), 2, 2)).rejects.toThrow('11 bytes for 2×2 pixels');
  });
});

describe('withTexts', () => {
  it('puts ASCII in tEXt and other texts in iTXt, before the pixels, and leaves those alone', async () => {
    const rgb = picture(8, 8);
    const png = await encodePng(rgb, 8, 8);
    const told = withTexts(png, { parameters: 'cafe\nSteps: 3', darkroom: 'une pomme 🍎 é' });
    const chunks = chunksOf(told);
    expect(chunks.map(({ type }) => type)).toEqual(['IHDR', 'tEXt', 'iTXt', 'IDAT', 'IEND']);
    expect(chunks[1]!.data.toString('latin1')).toBe('parameters\0cafe\nSteps: 3');
    expect(chunks[2]!.data.toString('utf8')).toBe('darkroom\0\0\0\0\0une pomme 🍎 é');
    expect(new Uint8Array(await sharp(told).raw().toBuffer())).toEqual(rgb);
    const { comments } = await sharp(told).metadata();
    expect(comments).toEqual([
      { keyword: 'parameters', text: 'cafe\nSteps: 3' },
      { keyword: 'darkroom', text: 'une pomme 🍎 é' },
    ]);
  });

  it('gives equal bytes for equal texts, and refuses what is not a PNG', async () => {
    const png = await encodePng(picture(4, 4), 4, 4);
    expect(withTexts(png, { a: 'b' })).toEqual(withTexts(png, { a: 'b' }));
    expect(() => withTexts(png.subarray(1), { a: 'b' })).toThrow('not a PNG');
    expect(() => withTexts(new Uint8Array(3), {})).toThrow('not a PNG');
  });
});
