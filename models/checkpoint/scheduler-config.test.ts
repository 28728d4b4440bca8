import { describe, expect, test } from 'vitest';
import { inMemory, tinyConfigs, tinyFolder } from '../../test/models/tiny-checkpoint.ts';
import { schedulerConfig } from '../schedulers/names.ts';
import { openCheckpoint } from './folder.ts';
import { layouts } from './layouts.ts';
import { openSchedulerConfig } from './scheduler-config.ts';

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

describe('Stable Diffusion 1 and 2 correct old configs', () => {
  test('and what the file says is corrected for every class', async () => {
    const own = await opened('DDIMScheduler', { steps_offset: 0, clip_sample: true });
    const corrected = { steps_offset: 1, clip_sample: false };
    expect(own).toEqual({ ...corrected, _class_name: 'DDIMScheduler' });
    expect(schedulerConfig('DDPM', own)).toEqual({ ...corrected, _class_name: 'DDPMScheduler' });
  });

  test('and what it does not say, for its own class only', async () => {
    const own = await opened('DDIMScheduler', { beta_end: 0.02 });
    expect(schedulerConfig('DDIM', own)).toEqual({
      beta_end: 0.02,
      steps_offset: 1,
      clip_sample: false,
      _class_name: 'DDIMScheduler',
    });
    expect(schedulerConfig('DDPM', own)).toEqual({ beta_end: 0.02, _class_name: 'DDPMScheduler' });
  });

  test('but add nothing that a class does not have or does not do', async () => {
    expect(await opened('FlowMatchEulerDiscreteScheduler', {})).toEqual({
      _class_name: 'FlowMatchEulerDiscreteScheduler',
    });
    expect(await opened('EulerDiscreteScheduler', {})).toMatchObject({ _use_default_values: ['steps_offset'] });
  });

  test('and a class that is not theirs does not', async () => {
    const config = { steps_offset: 0, clip_sample: true };
    const paths = new Set(['scheduler/scheduler_config.json']);
    const files = inMemory(new Map([...paths].map(path => [path, json(config)])));
    const { values } = await openSchedulerConfig(
      files,
      paths,
      'DDIMScheduler',
      layouts.StableDiffusionXLPipeline!.correctsScheduler,
    );
    expect(values).toEqual({ ...config, _class_name: 'DDIMScheduler' });
  });
});
