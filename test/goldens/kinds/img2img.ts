import { z } from 'zod';
import { UnsupportedError } from '../../../models/unsupported.ts';
import type { GoldenFolder } from '../golden-folder.ts';
import type { Report } from '../report.ts';

const schema = z.looseObject({ runs: z.array(z.looseObject({ id: z.string() })) });

/** Names the runs that start from a picture: Darkroom does not have that yet. */
export async function compareImageToImage(folder: GoldenFolder, report: Report): Promise<void> {
  for (const name of folder.list('img2img')) {
    const path = `img2img/${name}/index.json`;
    await report.attempt('image-to-image runs', path, async () => {
      for (const { id } of folder.json(path, schema).runs) {
        await report.attempt('image-to-image runs', `${path} ${id}`, () => {
          throw new UnsupportedError('image to image');
        });
      }
    });
  }
}
