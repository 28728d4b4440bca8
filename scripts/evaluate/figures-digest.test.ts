import { expect, it } from 'vitest';
import { checkpointDigest } from '../../models/checkpoint/digest.ts';
import { openCheckpoint } from '../../models/checkpoint/folder.ts';
import { type Folder, inMemory, tinyFolder } from '../../test/models/tiny-checkpoint.ts';
import { figuresDigest } from './figures-digest.ts';

const digests = async (folder: Folder) => {
  const checkpoint = await openCheckpoint(inMemory(folder));
  return { whole: await checkpointDigest(checkpoint), figures: await figuresDigest(checkpoint) };
};
const text = (content: string) => new TextEncoder().encode(content);

it('is that of the whole checkpoint but for the measures of held-out scenes', async () => {
  const plain = await digests(tinyFolder());
  expect(plain.figures).toBe(plain.whole);
  const measured = await digests(tinyFolder().set('outliers.json', text('{}')));
  expect(measured.whole).not.toBe(plain.whole);
  expect(measured.figures).toBe(plain.figures);
  const other = await digests(tinyFolder().set('vocabulary.json', text('{}')));
  expect(other.figures).not.toBe(plain.figures);
});
