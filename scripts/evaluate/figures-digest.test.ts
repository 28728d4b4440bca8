import { expect, it } from 'vitest';
import { checkpointDigest } from '../../models/checkpoint/digest.ts';
import { openCheckpoint } from '../../models/checkpoint/folder.ts';
import { type Folder, inMemory, tinyFolder } from '../../test/models/tiny-checkpoint.ts';
import { withExtras } from '../../test/models/tiny-extras.ts';
import { figuresDigest } from './figures-digest.ts';

const digests = async (folder: Folder) => {
  const checkpoint = await openCheckpoint(inMemory(folder));
  return { whole: await checkpointDigest(checkpoint), figures: await figuresDigest(checkpoint) };
};
const text = (content: string) => new TextEncoder().encode(content);

it('is that of the whole checkpoint but for the measures of held-out scenes and the discriminator', async () => {
  const plain = await digests(tinyFolder());
  expect(plain.figures).toBe(plain.whole);
  const measured = await digests(tinyFolder().set('outliers.json', text('{}')));
  expect(measured.whole).not.toBe(plain.whole);
  expect(measured.figures).toBe(plain.figures);
  const judged = await digests(withExtras(tinyFolder()));
  const judgedOtherwise = withExtras(tinyFolder());
  const weights = 'discriminator/model.safetensors';
  judgedOtherwise.set(
    weights,
    judgedOtherwise.get(weights)!.map((byte, i, all) => (i === all.length - 1 ? byte ^ 1 : byte)),
  );
  expect((await digests(judgedOtherwise)).whole).not.toBe(judged.whole);
  expect((await digests(judgedOtherwise)).figures).toBe(judged.figures);
  const other = await digests(tinyFolder().set('vocabulary.json', text('{}')));
  expect(other.figures).not.toBe(plain.figures);
});
