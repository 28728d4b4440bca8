/** ExifTool itself reads what the files say. It is Perl, which has to be there: of its modules perl-base has all. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ImageFormat } from '../../schema/context.ts';
import { encodeImage, fileTypes } from '../images/codecs.ts';
import { withTexts } from '../images/png.ts';
import type { SourceType } from './source-type.ts';
import { withSourceType } from './with-source-type.ts';

const formats: readonly ImageFormat[] = ['PNG', 'WEBP', 'JPEG'];
const types: readonly SourceType[] = [
  'trainedAlgorithmicMedia',
  'compositeWithTrainedAlgorithmicMedia',
  'algorithmicMedia',
  'compositeSynthetic',
];
const exiftool = join(dirname(createRequire(import.meta.url).resolve('exiftool-vendored.pl')), 'bin/exiftool');
const picture = { data: new Uint8Array(40 * 24 * 3).map((_, i) => i & 0xff), width: 40, height: 24 };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'darkroom-exiftool-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(files: readonly string[]): Promise<Record<string, unknown>[]> {
  const options = ['-json', '-G1', '-validate', '-warning', '-error', '-ImageSize', '-XMP:all', '-PNG:Parameters'];
  const { stdout } = await promisify(execFile)('perl', [exiftool, ...options, ...files]).catch((error: unknown) => {
    if ((error as { code?: unknown }).code !== 'ENOENT') throw error;
    throw new Error('There is no perl on this machine, which ExifTool is written in: install it to run this test');
  });
  return JSON.parse(stdout) as Record<string, unknown>[];
}

it('reads each source type from each format, and finds nothing wrong', async () => {
  const files: { readonly path: string; readonly type: SourceType; readonly format: ImageFormat }[] = [];
  for (const format of formats) {
    const encoded = await encodeImage(picture, format);
    const file = format === 'PNG' ? withTexts(encoded, { parameters: 'a red apple' }) : encoded;
    for (const type of types) {
      const path = join(folder, `${type}.${fileTypes[format].extension}`);
      await writeFile(path, withSourceType(file, format, type));
      files.push({ path, type, format });
    }
  }
  const found = await read(files.map(({ path }) => path));
  expect(found).toEqual(
    files.map(({ path, type, format }) => ({
      SourceFile: path,
      'ExifTool:Validate': 'OK',
      'Composite:ImageSize': '40x24',
      'XMP-iptcExt:DigitalSourceType': `http://cv.iptc.org/newscodes/digitalsourcetype/${type}`,
      ...(format === 'PNG' && { 'PNG:Parameters': 'a red apple' }),
    })),
  );
});

it('reads none where there is none', async () => {
  const path = join(folder, 'plain.png');
  await writeFile(path, await encodeImage(picture, 'PNG'));
  expect((await read([path]))[0]).not.toHaveProperty('XMP-iptcExt:DigitalSourceType');
});
