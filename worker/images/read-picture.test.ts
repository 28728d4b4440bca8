import { readdirSync, readFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { readSafetensors } from '../../models/checkpoint/safetensors.ts';
import { forgedPng } from '../../test/edge/forged-png.ts';
import { encodePng } from './png.ts';
import { readPicture } from './read-picture.ts';
import { UnreadableImage } from './unreadable-image.ts';

const folder = new URL('../../test/goldens/data/pictures/', import.meta.url);
const names = readdirSync(folder).filter(name => !name.endsWith('.safetensors'));
const golden = readSafetensors(readFileSync(new URL('pixels.safetensors', folder)));
const fileOf = (name: string): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(new URL(name, folder)));

function changed(name: string, change: (view: DataView, file: Uint8Array) => void): Uint8Array {
  const file = fileOf(name);
  change(new DataView(file.buffer), file);
  return file;
}

describe('readPicture', () => {
  it.each(names)('reads %s as diffusers does', async name => {
    const { data, width, height } = await readPicture(fileOf(name));
    const expected = golden.get(name)!;
    expect([height, width, 3]).toEqual(expected.dims);
    expect(Buffer.from(expected.data as Uint8Array).equals(data)).toBe(true);
  });

  it('reads what this server writes', async () => {
    const rgb = Uint8Array.from({ length: 5 * 4 * 3 }, (_, i) => (i * i) % 256);
    expect(await readPicture(await encodePng(rgb, 5, 4))).toEqual({ data: rgb, width: 5, height: 4 });
  });

  it('takes grey of few bits for all of the 256 greys', async () => {
    const { data } = await readPicture(forgedPng(4, 1, deflateSync(Uint8Array.of(0, 0b00_01_10_11)), 2, 0));
    expect([...data].filter((_, i) => i % 3 === 0)).toEqual([0, 85, 170, 255]);
  });

  it('inflates no more than the picture needs', async () => {
    const endless = deflateSync(new Uint8Array(200_000_000));
    const before = process.memoryUsage().rss;
    expect((await readPicture(forgedPng(1, 1, endless))).data).toEqual(Uint8Array.of(0, 0, 0));
    expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000);
  });
});

describe('readPicture refuses', () => {
  const refused: [string, () => Uint8Array | Promise<Uint8Array>, string][] = [
    ['nothing', () => new Uint8Array(0), 'the file is empty'],
    ['a text', () => new TextEncoder().encode('GIF89a, or so'), 'the file is no PNG, JPEG or WebP'],
    [
      'a huge PNG',
      () => forgedPng(100_000, 100_000, new Uint8Array(9)),
      'the picture has 100000×100000 pixels: at most',
    ],
    ['a very long PNG', () => forgedPng(1, 20_000, new Uint8Array(9)), 'the picture has 1×20000 pixels: at most'],
    ['a PNG of no pixels', () => forgedPng(0, 7, new Uint8Array(9)), 'the picture has 0×7 pixels'],
    ['a PNG of three bits', () => forgedPng(1, 1, new Uint8Array(9), 3), 'of a kind that does not exist'],
    ['a PNG of no palette', () => forgedPng(1, 1, deflateSync(new Uint8Array(2)), 8, 3), 'lacks its palette'],
    ['a PNG that does not inflate', () => forgedPng(1, 1, new Uint8Array(9)), 'its data cannot be inflated'],
    ['a PNG with too few rows', () => forgedPng(1, 2, deflateSync(new Uint8Array(4))), 'the PNG ends early'],
    [
      'a PNG with an unknown filter',
      () => forgedPng(1, 1, deflateSync(Uint8Array.of(5, 0, 0, 0))),
      'a row of no filter',
    ],
    ['a PNG with a changed byte', () => changed('grey.png', view => view.setUint8(50, 7)), '"IDAT" is not what it was'],
    [
      'a huge JPEG',
      () =>
        changed('grey.jpg', (view, file) =>
          view.setUint32(Buffer.from(file).indexOf(Buffer.of(0xff, 0xc0)) + 5, 0xffffffff),
        ),
      'the picture has 65535×65535 pixels: at most',
    ],
    [
      'a JPEG of four colours',
      () => sharp(fileOf('plain.jpg')).toColourspace('cmyk').jpeg().toBuffer(),
      '4 components (CMYK has four): expected grey or RGB',
    ],
    [
      'a JPEG of endless scans',
      () => {
        const file = Buffer.from(fileOf('progressive.jpg'));
        const scan = file.subarray(file.indexOf(Buffer.of(0xff, 0xda)), -2);
        return Buffer.concat([file.subarray(0, -2), ...Array(70).fill(scan), file.subarray(-2)]);
      },
      'more than 64 scans',
    ],
    ['a JPEG of a header', () => Uint8Array.of(0xff, 0xd8, 0xff, 0xd9), 'the JPEG has no picture in it'],
    [
      'a huge WebP',
      () => changed('turned_8.webp', view => view.setUint32(24, 0xffffffff)),
      'the picture has 16777216×256 pixels: at most',
    ],
    [
      'a PNG that is small as a file only',
      () =>
        sharp({ create: { width: 3073, height: 2048, channels: 3, background: 'red' } })
          .png()
          .toBuffer(),
      'the picture has 3073×2048 pixels: at most 6291456 in all',
    ],
    [
      'a WebP whose frame is larger than it says',
      () => changed('lossy.webp', view => view.setUint32(26, 0xff3fff3f)),
      'the picture has 16383×16383 pixels: at most',
    ],
    ['a WebP that moves', () => changed('turned_8.webp', view => view.setUint8(20, 2)), 'the WebP is animated'],
  ];
  it.each(refused)('%s', async (_, file, problem) => {
    await expect(readPicture(await file())).rejects.toThrow(
      expect.objectContaining({ name: 'UnreadableImage', message: expect.stringContaining(problem) }),
    );
  });

  it.each(names)('%s wherever it is cut off', async name => {
    const file = fileOf(name);
    for (const end of [12, 40, Math.ceil(file.byteLength / 2), file.byteLength - 20, file.byteLength - 1]) {
      await expect(readPicture(file.subarray(0, end)), `${end} bytes`).rejects.toThrow(/ends early|damaged|no /);
    }
  });

  it('in its own words whatever is broken, or reads a picture', async () => {
    let random = 1;
    const next = (below: number) => {
      random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0;
      return (random >>> 8) % below;
    };
    let [read, unread] = [0, 0];
    for (const name of names) {
      for (let i = 0; i < 8; i++) {
        const file = fileOf(name);
        for (let j = 0; j <= i % 4; j++) file[next(file.byteLength)] = next(256);
        try {
          const { data, width, height } = await readPicture(file);
          expect(data.byteLength).toBe(width * height * 3);
          read++;
        } catch (error) {
          expect(error).toBeInstanceOf(UnreadableImage);
          unread++;
        }
      }
    }
    expect(read).toBeGreaterThan(50);
    expect(unread).toBeGreaterThan(50);
  });
});

describe('what is transparent, on white', () => {
  /** As sharp lays it on white. */
  const flattened = async (name: string) => {
    const { data } = await sharp(fileOf(name))
      .autoOrient()
      .toColourspace('srgb')
      .flatten({ background: 'white' })
      .raw()
      .toBuffer({ resolveWithObject: true });
    return data;
  };

  it.each(['alpha.png', 'grey_alpha.png', 'lossless_alpha.webp', 'lossy_alpha.webp'])(
    '%s shows as in other programs',
    async name => {
      const { data } = await readPicture(fileOf(name), 'WHITE');
      const shown = await readPicture(fileOf(name));
      const expected = await flattened(name);
      expect(data).toHaveLength(expected.length);
      // Other programs round otherwise, and decode lossy colours otherwise by a little.
      for (const [i, value] of data.entries())
        expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual(name.startsWith('lossy') ? 3 : 1);
      expect(data).not.toEqual(shown.data);
    },
  );

  it('leaves alone what is opaque', async () => {
    for (const name of ['full_colour.jpg', 'grey.png', '16_bit.png', 'lossy.webp']) {
      expect(await readPicture(fileOf(name), 'WHITE')).toEqual(await readPicture(fileOf(name)));
    }
  });

  it('is what a palette says, or the colour that a file names', async () => {
    const palette = await sharp({
      create: { width: 8, height: 8, channels: 4, background: { r: 200, g: 0, b: 0, alpha: 0.5 } },
    })
      .png({ palette: true })
      .toBuffer();
    const { data } = await readPicture(new Uint8Array(palette), 'WHITE');
    expect(Math.abs(data[0]! - 227)).toBeLessThanOrEqual(1);
    expect(Math.abs(data[1]! - 127)).toBeLessThanOrEqual(1);
    // Grey of 8 bits, of which 9 is the colour that does not show.
    const keyed = forgedPng(3, 1, deflateSync(Uint8Array.of(0, 8, 9, 10)), 8, 0, Uint8Array.of(0, 9));
    expect([...(await readPicture(keyed, 'WHITE')).data]).toEqual([8, 8, 8, 255, 255, 255, 10, 10, 10]);
    expect([...(await readPicture(keyed)).data]).toEqual([8, 8, 8, 9, 9, 9, 10, 10, 10]);
  });
});
