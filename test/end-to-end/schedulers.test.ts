/** `generate` with every scheduler of the contract. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { schedulerNames } from '../../models/schedulers/names.ts';
import { House } from './house.ts';

let house: House;
beforeAll(async () => {
  house = await House.build();
});
afterAll(() => house?.tearDown());

const input = { prompt: 'a b', steps: 5, seed: 7, wait: 60_000 };

const classes: Readonly<Record<string, string>> = {
  DDIM: 'DDIMScheduler',
  DDPM: 'DDPMScheduler',
  PNDM: 'PNDMScheduler',
  EULER: 'EulerDiscreteScheduler',
  EULER_ANCESTRAL: 'EulerAncestralDiscreteScheduler',
  HEUN: 'HeunDiscreteScheduler',
  DPMPP_2M: 'DPMSolverMultistepScheduler',
  DPMPP_2M_KARRAS: 'DPMSolverMultistepScheduler',
  DPMPP_2M_SDE: 'DPMSolverMultistepScheduler',
  UNIPC: 'UniPCMultistepScheduler',
  LCM: 'LCMScheduler',
};

describe('a scheduler', () => {
  const latents = new Set<string>();

  it.each(Object.entries(classes))('%s makes a picture of its own, the same one again', async (scheduler, name) => {
    const { generation } = await house.generate({ ...input, scheduler });
    expect(generation).toMatchObject({
      status: 'SUCCEEDED',
      failure: null,
      parameters: { scheduler, steps: 5 },
      progress: { step: 5, steps: 5, fraction: 1 },
    });
    // What the checkpoint's own config says goes along.
    expect(JSON.parse(generation.record.scheduler)).toMatchObject({ _class_name: name, steps_offset: 1 });
    const { latent } = generation.images[0];
    expect(latents).not.toContain(latent.digest);
    latents.add(latent.digest);
    const again = (await house.generate({ ...input, scheduler })).generation;
    expect(again.images[0].latent).toMatchObject({ key: latent.key, digest: latent.digest });
  });

  it('that the checkpoint was not trained for is refused', async () => {
    const refused = await house.generate({ ...input, scheduler: 'FLOW_MATCH_EULER' });
    expect(refused).toMatchObject({ __typename: 'RequestError', code: 'UNSUPPORTED' });
  });

  it('with more steps than it has is refused before anything is queued', async () => {
    const refused = await house.generate({ ...input, scheduler: 'LCM', steps: 51 });
    expect(refused).toMatchObject({ __typename: 'InputError', issues: [{ path: ['input', 'steps'] }] });
  });

  it('is listed by the checkpoint', async () => {
    const { data } = await house.ask('{ checkpoint { schedulers } }');
    expect(data.checkpoint.schedulers).toEqual(Object.keys(classes));
    expect([...Object.keys(classes), 'FLOW_MATCH_EULER']).toEqual(schedulerNames);
  });
});
