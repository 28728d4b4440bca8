import { expect, it } from 'vitest';
import { memoryD1, memoryR2 } from '../../test/edge/in-memory.ts';
import { textKeys } from '../developments/encodings-of-job.ts';
import { EncodingStore } from '../encodings/encoding-store.ts';
import type { Job } from '../generations/job.ts';
import { TextVectors, textVectorsKey } from './text-vectors.ts';

const checkpointDigest = 'c'.repeat(64);
const vectors = { prompt: Float32Array.of(1, 2), embedding: null };

it('texts’ vectors are encodings, that go with the generation whose prompt they are', async () => {
  const { bucket, blobs } = memoryR2();
  const encodings = new EncodingStore(bucket, await memoryD1());
  const texts = new TextVectors(encodings);
  await texts.keep(checkpointDigest, [[1]], vectors);
  expect(await texts.find(checkpointDigest, [[1]])).toEqual(vectors);
  expect(await texts.find(checkpointDigest, [[2]])).toBeNull();
  expect(await texts.find('d'.repeat(64), [[1]])).toBeNull();
  expect([...blobs.keys()].every(name => name.startsWith('encodings/'))).toBe(true);

  const key = await textVectorsKey(checkpointDigest, [[1]]);
  const parameters = { guidanceScale: 3, clipSkip: 1 };
  const job = { checkpointDigest, report: { modelTokenIds: [[1]] }, negativeTokenIds: [[0]], parameters };
  expect(await textKeys(job as unknown as Job)).toContain(key);
  expect(await encodings.find(key)).not.toBeNull();
});

it('nothing is kept where nothing is known', async () => {
  const { bucket, blobs } = memoryR2();
  const texts = new TextVectors(new EncodingStore(bucket, await memoryD1()));
  await texts.keep(checkpointDigest, [[1]], { prompt: null, embedding: null });
  expect(blobs.size).toBe(0);
});
