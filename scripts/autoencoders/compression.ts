/** Codes as small files. */
import { markdownTable } from '../markdown-table.ts';
import { type Made, type Material, shown } from './chapter.ts';
import { compress } from './laboratory.ts';
import { laidOut } from './layout.ts';

const BITS = [2, 3, 4, 5, 8];

export async function compression({ api, side, scenes }: Material): Promise<Made> {
  const { file, caption } = scenes.at(-1)!;
  const pictures = new Map([['compression-original', await laidOut([[file]], side)]]);
  const columns = [
    [
      'the picture',
      shown('compression-original', 120, caption),
      '',
      '',
      ...['JPEG', 'WebP'].map(codec => `*${codec} in as many bytes:*`),
    ],
  ];
  for (const bits of BITS) {
    const { file: decoded, bytes, psnr, rivals } = await compress(api, file, bits);
    const name = `compression-${bits}`;
    pictures.set(name, await laidOut([[decoded]], side));
    columns.push([
      `${bits} bits`,
      shown(name, 120, `${caption}, from ${bytes} bytes`),
      `**${bytes} bytes**`,
      `**${psnr.toFixed(1)} dB**`,
      ...rivals.map(
        rival => `${rival.bytes > bytes ? 'at least ' : ''}${rival.bytes} bytes, ${rival.psnr.toFixed(1)} dB`,
      ),
    ]);
  }
  const [heads, ...rows] = columns[0]!.map((_, line) => columns.map(cells => cells[line]!));
  return { pictures, parts: { compression: markdownTable(heads!, rows) } };
}
