import { z } from 'zod';
import { resize } from '../../../models/resize.ts';
import type { GoldenFolder } from '../golden-folder.ts';
import type { Report } from '../report.ts';

const caseSchema = z.looseObject({ id: z.string(), picture: z.string(), width: z.int(), height: z.int() });
const schema = z.looseObject({ cases: z.array(caseSchema) });

/** Compares pictures in other sizes, byte for byte. */
export async function compareResizes(folder: GoldenFolder, report: Report): Promise<void> {
  const golden = folder.tensors('resize/pictures.safetensors');
  for (const { id, picture, width, height } of folder.json('resize/index.json', schema).cases) {
    await report.attempt('resized pictures', `resize ${id}`, () => {
      const [from, expected] = [golden.get(picture), golden.get(id)];
      const resized = resize({ data: Uint8Array.from(from.data), dims: from.dims }, width, height);
      report.same('resized pictures', `resize ${id} dims`, resized.dims, expected.dims);
      report.same('resized pictures', `resize ${id}`, [...resized.data], Array.from(expected.data));
    });
  }
}
