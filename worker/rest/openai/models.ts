/** `GET /v1/models`: the checkpoints. */

import { findCheckpoint } from '../../../schema/checkpoint.ts';
import type { CheckpointService } from '../../../schema/context.ts';

interface Model {
  readonly id: string;
  readonly object: 'model';
  /** A Unix time, which a folder of weights does not have. */
  readonly created: 0;
  readonly owned_by: 'darkroom';
}

/** @throws RetryLater */
export async function models(checkpoints: CheckpointService): Promise<{ object: 'list'; data: readonly Model[] }> {
  const cards = await checkpoints.list();
  // Two checkpoints may have one name; it names the first.
  return { object: 'list', data: [...new Set(cards.map(card => card.name))].map(modelOf) };
}

/** @throws RequestError NOT_FOUND, RetryLater */
export async function model(checkpoints: CheckpointService, name: string): Promise<Model> {
  return modelOf((await findCheckpoint(checkpoints, name)).name);
}

function modelOf(id: string): Model {
  return { id, object: 'model', created: 0, owned_by: 'darkroom' };
}
