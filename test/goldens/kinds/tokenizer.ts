import { z } from 'zod';
import { checkpointFiles } from '../../../gpu-backend/checkpoint-files.ts';
import { readTokenizerCard } from '../../../models/tokenizer/card.ts';
import { ClipTokenizer } from '../../../models/tokenizer.ts';
import type { GoldenFolder } from '../golden-folder.ts';
import type { Report } from '../report.ts';

const ids = z.array(z.int());
const schema = z.object({
  tokenizer_files: z.string(),
  cases: z.array(z.looseObject({ id: z.union([z.int(), z.string()]), text: z.string(), ids })),
});

/** Compares token ids with transformers' slow tokenizer without ftfy, untruncated and padded. */
export async function compareTokenizers(folder: GoldenFolder, report: Report): Promise<void> {
  for (const path of folder.filesEnding('.json', 'tokenizer')) {
    await report.attempt('token ids', path, async () => {
      const { tokenizer_files: files, cases } = folder.json(path, schema);
      const card = await readTokenizerCard(checkpointFiles(folder.path('.')), files);
      const tokenizer = new ClipTokenizer(card);
      const bang = Object.hasOwn(card.vocab, '!') ? new ClipTokenizer({ ...card, padToken: '!' }) : null;
      for (const { id, text, ids: expected, ...more } of cases) {
        const name = `${path} ${id}`;
        const encoded = tokenizer.encode(text).ids;
        report.same('token ids', name, encoded, expected);
        for (const [key, value] of Object.entries(more)) {
          if (key === 'ids_pad_is_bang' && bang)
            report.same('token ids', `${name} ${key}`, bang.encode(text).ids, ids.parse(value));
          const [, length, padIsBang] = /^padded(\d+)(_pad_is_bang)?$/.exec(key) ?? [];
          if (length === undefined || (padIsBang && !bang)) continue;
          const padding = new ClipTokenizer({
            ...card,
            maxLength: Number(length),
            ...(padIsBang ? { padToken: '!' } : {}),
          });
          report.same(
            'token ids, padded',
            `${name} ${key}`,
            padding.pad(padding.encode(text).ids).ids,
            ids.parse(value),
          );
        }
      }
    });
  }
}
