import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pretendPlan } from '../test/backend/pretend-card.ts';
import { onDisk, tinyFolder } from '../test/models/tiny-checkpoint.ts';
import { ServedCheckpoints } from './served-checkpoints.ts';
import { failure } from './stages.ts';

let folder: string;
beforeAll(async () => {
  folder = await onDisk(tinyFolder());
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('ServedCheckpoints', () => {
  it('answers a digest it does not have with what it is, and with nothing to try again', async () => {
    const settings = {
      checkpoints: [folder],
      eager: 'none',
      memoryBudget: 2 ** 30,
      isAlone: true,
      batch: 1,
      digests: {},
      providers: ['cpu'],
      threads: 1,
    } as const;
    const served = await ServedCheckpoints.open(settings, {
      log: () => undefined,
      sessions: () => undefined,
      unetCalled: () => undefined,
    });
    const plan = pretendPlan();
    const error = await served.prepare(plan, () => false).catch((error: unknown) => error);
    const unexpected: unknown[] = [];
    expect(failure(null, error, each => unexpected.push(each)).header).toMatchObject({
      code: 'checkpoint_unknown',
      message: `there is no checkpoint ${plan.checkpoint} here`,
      retryable: false,
    });
    expect(unexpected).toEqual([]);
  });
});
