import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { ImageFormat } from '../../schema/context.ts';
import { encodeImage } from '../images/codecs.ts';
import { withTexts, withXmp } from '../images/png.ts';
import { readPicture } from '../images/read-picture.ts';
import { withJpegXmp } from './jpeg-xmp.ts';
import { withWebpXmp } from './webp-xmp.ts';
import { withSourceType } from './with-source-type.ts';
import { xmpPacket } from './xmp.ts';

const formats: readonly ImageFormat[] = ['PNG', 'WEBP', 'JPEG'];
const picture = {
  data: Uint8Array.from({ length: 37 * 22 * 3 }, (_, i) => (i * 31 + (i >> 5)) & 0xff),
  width: 37,
  height: 22,
};
const rgba = { create: { width: 9, height: 6, channels: 4 as const, background: { r: 9, g: 80, b: 200, alpha: 0.5 } } };
const text = (bytes: Uint8Array) => new TextDecoder('latin1').decode(bytes);
const view = ({ buffer, byteOffset, byteLength }: Uint8Array) => new DataView(buffer, byteOffset, byteLength);

describe.each(formats)('a source type in %s', format => {
  it('changes no pixel, is read by others, is always the same and is small', async () => {
    const file = await encodeImage(picture, format);
    const told = withSourceType(file, format, 'trainedAlgorithmicMedia');
    expect(await sharp(told).raw().toBuffer()).toEqual(await sharp(file).raw().toBuffer());
    expect((await readPicture(told)).data).toEqual((await readPicture(file)).data);
    const { xmp, width, height } = await sharp(told).metadata();
    expect({ width, height }).toEqual({ width: 37, height: 22 });
    expect(new Uint8Array(xmp!)).toEqual(xmpPacket('trainedAlgorithmicMedia'));
    expect(withSourceType(file, format, 'trainedAlgorithmicMedia')).toEqual(told);
    expect(told.byteLength - file.byteLength).toBeLessThan(460);
  });

  it.each([
    ['nothing', new Uint8Array(0)],
    ['a few bytes', Uint8Array.of(1, 2, 3)],
    ['zeros', new Uint8Array(64)],
  ])('is not put into %s', (_, bytes) => {
    expect(() => withSourceType(bytes, format, 'algorithmicMedia')).toThrow(RangeError);
  });

  it('is not put into a file of another format', async () => {
    for (const other of formats.filter(each => each !== format)) {
      const file = await encodeImage(picture, other);
      expect(() => withSourceType(file, format, 'algorithmicMedia')).toThrow(RangeError);
    }
  });
});

describe('withXmp', () => {
  it('leaves the texts, in an iTXt chunk right behind the header', async () => {
    const texts = { parameters: 'a red apple', darkroom: '{"prompt":"äpfel"}' };
    const told = withXmp(withTexts(await encodeImage(picture, 'PNG'), texts), xmpPacket('algorithmicMedia'));
    expect(text(told.subarray(33 + 4, 33 + 30))).toBe('iTXtXML:com.adobe.xmp\0\0\0\0\0');
    const { comments } = await sharp(told).metadata();
    expect(comments).toContainEqual({ keyword: 'parameters', text: 'a red apple' });
  });

  it('takes a packet of 2 MB', async () => {
    const told = withXmp(await encodeImage(picture, 'PNG'), new Uint8Array(2 << 20).fill(0x20));
    expect((await readPicture(told)).data).toEqual(picture.data);
  });
});

describe('withJpegXmp', () => {
  it('goes behind the JFIF header, in one APP1 segment of the right length', async () => {
    const packet = xmpPacket('compositeSynthetic');
    const told = withJpegXmp(await encodeImage(picture, 'JPEG'), packet);
    expect([...told.subarray(0, 4)]).toEqual([0xff, 0xd8, 0xff, 0xe0]);
    const at = 4 + view(told).getUint16(4);
    expect(view(told).getUint16(at)).toBe(0xffe1);
    expect(view(told).getUint16(at + 2)).toBe(2 + 29 + packet.byteLength);
    expect(text(told.subarray(at + 4, at + 33))).toBe('http://ns.adobe.com/xap/1.0/\0');
    expect(view(told).getUint8(at + 33 + packet.byteLength)).toBe(0xff);
  });

  it('takes as much as a segment holds, and no more', async () => {
    const file = await encodeImage(picture, 'JPEG');
    const told = withJpegXmp(file, new Uint8Array(65_504).fill(0x20));
    expect((await sharp(told).metadata()).xmp).toHaveLength(65_504);
    expect(() => withJpegXmp(file, new Uint8Array(65_505))).toThrow('an XMP packet of 65505 bytes: a JPEG takes 65504');
  });

  it('refuses a file that is cut off in its header', () => {
    expect(() => withJpegXmp(Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 16), new Uint8Array(1))).toThrow('ends early');
  });
});

describe('withWebpXmp', () => {
  it.each([6, 7])('has VP8X first and XMP last, of even length: a packet of %i bytes', async length => {
    const file = await encodeImage(picture, 'WEBP');
    const told = withWebpXmp(file, new Uint8Array(length).fill(0x41));
    expect(view(told).getUint32(4, true)).toBe(told.byteLength - 8);
    expect(text(told.subarray(8, 16))).toBe('WEBPVP8X');
    expect([...told.subarray(16, 30)]).toEqual([10, 0, 0, 0, 0x04, 0, 0, 0, 36, 0, 0, 21, 0, 0]);
    expect(text(told.subarray(30, 34))).toBe('VP8 ');
    expect(told.byteLength).toBe(file.byteLength + 18 + 8 + 8 - (length === 6 ? 2 : 0));
    expect((await sharp(told).metadata()).xmp).toHaveLength(length);
  });

  it.each([0, 1])('tells of the alpha of a lossless picture, where it has any: %i', async alpha => {
    const pixels = sharp({
      create: { ...rgba.create, background: { ...rgba.create.background, alpha: 1 - alpha / 2 } },
    });
    const told = withWebpXmp(await pixels.webp({ lossless: true }).toBuffer(), new Uint8Array(4));
    expect(told[20]).toBe(alpha ? 0x14 : 0x04);
    expect((await sharp(told).metadata()).hasAlpha).toBe(alpha === 1);
  });

  it('refuses what is extended already', async () => {
    const told = withWebpXmp(await encodeImage(picture, 'WEBP'), new Uint8Array(4));
    expect(() => withWebpXmp(told, new Uint8Array(4))).toThrow('begins with VP8X');
  });

  it('refuses what is cut off', async () => {
    const file = await encodeImage(picture, 'WEBP');
    expect(() => withWebpXmp(file.subarray(0, file.byteLength - 3), new Uint8Array(4))).toThrow('ends early');
  });
});
