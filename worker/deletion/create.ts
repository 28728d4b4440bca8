import { createApproximate } from '../approximate/create.ts';
import { BackendPool } from '../backends/pool.ts';
import { readConfiguration } from '../configuration.ts';
import { createSimilarity } from '../similarity/create.ts';
import { Deletion } from './deletion.ts';

export function createDeletion(env: Env): Deletion {
  const pool = new BackendPool(readConfiguration({ ...env }));
  const { latentIndex } = createSimilarity(env, pool);
  const { sources } = createApproximate(env, pool);
  return new Deletion({ db: env.DB, bucket: env.BLOBS, vectors: latentIndex, sources });
}
