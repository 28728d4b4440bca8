import { BackendPool } from '../backends/pool.ts';
import { readConfiguration } from '../configuration.ts';
import { createSimilarity } from '../similarity/create.ts';
import { Deletion } from './deletion.ts';

export function createDeletion(env: Env): Deletion {
  const { latentIndex } = createSimilarity(env, new BackendPool(readConfiguration({ ...env })));
  return new Deletion({ db: env.DB, bucket: env.BLOBS, vectors: latentIndex });
}
