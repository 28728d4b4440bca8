import { describe, expect, it } from 'vitest';
import { InputError } from '../../../schema/errors.ts';
import { testCard } from '../../../schema/testing/services.ts';
import { titleOf } from './checkpoint-title.ts';
import { checkpointOf, readTxt2Img } from './txt2img-request.ts';

const card = { ...testCard, schedulers: ['DDIM', 'EULER', 'EULER_ANCESTRAL', 'DPMPP_2M', 'DPMPP_2M_KARRAS'] };
const read = (more: Record<string, unknown> = {}) => readTxt2Img({ prompt: 'a cat', ...more }, card);

function refused(more: Record<string, unknown>): string[] {
  try {
    read(more);
  } catch (error) {
    if (error instanceof InputError) return error.issues.map(({ path }) => path.slice(1).join('.'));
    throw error;
  }
  return [];
}

/** What `webuiapi` 0.9.17 sends of itself, beside the prompt. */
const clientDefaults = {
  ...{ enable_hr: false, hr_scale: 2, hr_upscaler: 'Latent', hr_second_pass_steps: 0, hr_resize_x: 0, hr_resize_y: 0 },
  ...{ hr_checkpoint_name: null, hr_sampler_name: null, hr_scheduler: null, hr_prompt: '', hr_negative_prompt: '' },
  ...{ denoising_strength: 0.7, firstphase_width: 0, firstphase_height: 0, styles: [], seed: -1, subseed: -1 },
  ...{ subseed_strength: 0, seed_resize_from_h: 0, seed_resize_from_w: 0, batch_size: 1, n_iter: 1, steps: 20 },
  ...{ cfg_scale: 7, width: 512, height: 512, restore_faces: false, tiling: false, do_not_save_samples: false },
  ...{ do_not_save_grid: false, negative_prompt: '', eta: 1, s_churn: 0, s_tmax: 0, s_tmin: 0, s_noise: 1 },
  ...{ override_settings: {}, override_settings_restore_afterwards: true, sampler_name: 'Euler a' },
  ...{ scheduler: 'automatic', sampler_index: 'Euler a', script_name: null, script_args: [], send_images: true },
  ...{ save_images: false, alwayson_scripts: {} },
};

describe('readTxt2Img', () => {
  it('takes what a client sends of itself', () => {
    expect(read(clientDefaults)).toEqual({
      sendsImages: true,
      values: {
        ...{ prompt: 'a cat', negativePrompt: '', checkpoint: 'shipped', clipSkip: null, width: 512, height: 512 },
        ...{ steps: 20, guidanceScale: 7, scheduler: 'EULER_ANCESTRAL', seed: null, count: 1 },
      },
    });
  });

  it.each([
    [{ sampler_name: 'DPM++ 2M', scheduler: 'Karras' }, 'DPMPP_2M_KARRAS'],
    [{ sampler_name: 'DPM++ 2M' }, 'DPMPP_2M'],
    [{ sampler_name: 'dpm++ 2m karras' }, 'DPMPP_2M_KARRAS'],
    [{ sampler_index: 'k_euler' }, 'EULER'],
    [{ sampler_name: 'DDIM', sampler_index: 'Euler' }, 'DDIM'],
    [{}, null],
  ])('knows samplers by their names: %j', (more, scheduler) => {
    expect(read(more).values.scheduler).toBe(scheduler);
  });

  it.each([
    [{ sampler_name: 'Heun' }, 'sampler_name'],
    [{ sampler_name: 5 }, 'sampler_name'],
    [{ sampler_name: 'Euler', scheduler: 'Karras' }, 'scheduler'],
    [{ sampler_name: 'DPM++ 2M', scheduler: 'Exponential' }, 'scheduler'],
    [{ scheduler: 'Karras' }, 'scheduler'],
    [{ sampler_name: 'Euler a', eta: 0 }, 'eta'],
  ])('refuses what is none: %j', (more, field) => {
    expect(refused(more)).toEqual([field]);
  });

  it('gives η to DDIM, as the web UI does, and to nobody to whom it is nothing', () => {
    expect(read({ sampler_name: 'DDIM', eta: 1 }).values.eta).toBe(1);
    expect(read({ eta: 0.5 }).values.eta).toBe(0.5);
    expect(read({ sampler_name: 'Euler', eta: 1 }).values.eta).toBeUndefined();
  });

  it('counts skipped layers from the other end', () => {
    const skip = (CLIP_stop_at_last_layers: unknown) => ({ override_settings: { CLIP_stop_at_last_layers } });
    expect([1, 2, 3].map(layers => read(skip(layers)).values.clipSkip)).toEqual([null, 1, 2]);
    expect(refused(skip(0))).toEqual(['override_settings.CLIP_stop_at_last_layers']);
  });

  it('takes scripts that nobody uses, and no others', () => {
    expect(refused({ alwayson_scripts: { ControlNet: { args: [] } } })).toEqual([]);
    expect(refused({ alwayson_scripts: { ControlNet: { args: [{}] } } })).toEqual(['alwayson_scripts']);
    expect(refused({ alwayson_scripts: { ControlNet: { args: { 0: 'a' } } } })).toEqual(['alwayson_scripts']);
  });

  it('names all that it cannot do', () => {
    expect(
      refused({ enable_hr: true, tiling: true, toString: 1, n_iter: 0, override_settings: { eta_noise: 1 } }),
    ).toEqual([...['tiling', 'toString', 'enable_hr', 'override_settings.eta_noise', 'n_iter']]);
  });
});

describe('checkpointOf', () => {
  const wanting = (sd_model_checkpoint: unknown) => checkpointOf({ override_settings: { sd_model_checkpoint } });

  it('takes a name or a title', () => {
    expect([wanting('shipped'), wanting(titleOf(card)), wanting(null), checkpointOf({})]).toEqual([
      ...['shipped', 'shipped', null, null],
    ]);
  });

  it('refuses what is neither', () => {
    expect(() => wanting(5)).toThrow(InputError);
    expect(() => checkpointOf({ override_settings: [] })).toThrow(InputError);
  });
});
