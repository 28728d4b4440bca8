import { expect, test } from 'vitest';
import { inMemory, tinyConfigs, tinyFolder } from '../../test/models/tiny-checkpoint.ts';
import { openCheckpoint } from './folder.ts';

const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

/** What a checkpoint with this scheduler's file, under this name in the index, runs with. */
async function opened(className: string, config: object): Promise<Readonly<Record<string, unknown>>> {
  const folder = tinyFolder();
  folder.set('model_index.json', json({ ...tinyConfigs.index, scheduler: ['diffusers', className] }));
  folder.set('scheduler/scheduler_config.json', json(config));
  return (await openCheckpoint(inMemory(folder))).scheduler.values;
}

test.each([{ _class_name: 'DDIMScheduler' }, {}])('the index says which scheduler it is, not %o', async config => {
  const stated = { ...config, steps_offset: 1, clip_sample: false };
  expect(await opened('PNDMScheduler', stated)).toEqual({ ...stated, _class_name: 'PNDMScheduler' });
});
