/** What an address is told of a generation that has ended. */
import type { GenerationState, GenerationStatus } from '../../schema/context.ts';
import { nodeId } from '../../schema/node.ts';

const typeOfStatus: Partial<Record<GenerationStatus, string>> = {
  SUCCEEDED: 'generation.succeeded',
  FAILED: 'generation.failed',
  CANCELLED: 'generation.cancelled',
};

/**
 * The body of the call, the same with every attempt. It tells that there is something to fetch, by the id that the API
 * takes, not the result itself: who reads along learns next to nothing.
 * @returns JSON
 * @throws TypeError for a generation that has not ended
 */
export function webhookBody(state: Pick<GenerationState, 'id' | 'status' | 'failure' | 'finishedAt'>): string {
  const { id, status, failure, finishedAt } = state;
  const type = typeOfStatus[status];
  if (type === undefined || finishedAt === null) throw new TypeError('A generation that has not ended is not told of');
  return JSON.stringify({
    type,
    timestamp: finishedAt,
    data: {
      id: nodeId('Generation', id),
      status,
      failure: failure && { code: failure.code, message: failure.message },
    },
  });
}
