import { expect, it } from 'vitest';
import { memoryD1, memoryR2 } from '../../test/edge/in-memory.ts';
import { LatentStore } from '../latents/latent-store.ts';
import type { LatentOrigin } from './source-type.ts';

const made = 'trainedAlgorithmicMedia';
const edited = 'compositeWithTrainedAlgorithmicMedia';

it('goes from latent to latent: what came of something that was sent stays so', async () => {
  const store = new LatentStore(memoryR2().bucket, await memoryD1());
  const keep = async (key: string, origin?: LatentOrigin) => {
    const latent = { data: Float32Array.of(key.charCodeAt(0)), dims: [1, 1, 1] };
    await store.save({ key, latent, pixels: null, checkpointDigest: 'c', ...(origin && { origin }) });
    return store.sourceType(key);
  };
  expect(await keep('generated', [])).toBe(made);
  expect(await keep('encoded', 'SENT')).toBe(edited);
  expect(await keep('from a generated one', ['generated'])).toBe(made);
  expect(await keep('between', ['generated', 'from a generated one'])).toBe(made);
  expect(await keep('from a picture', ['encoded'])).toBe(edited);
  expect(await keep('quantised', ['from a picture'])).toBe(edited);
  expect(await keep('half', ['generated', 'quantised'])).toBe(edited);
  expect(await keep('of one that is gone', ['nobody'])).toBe(edited);
  expect(await keep('as before it was noted')).toBeNull();
  expect(await keep('of one that was not noted', ['as before it was noted'])).toBe(edited);
  // The first with a key stays.
  expect(await keep('generated', 'SENT')).toBe(made);
});
