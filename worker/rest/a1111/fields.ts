/** The fields of `POST /sdapi/v1/txt2img`: what they become, and which cannot be honoured. */
import type { GenerateInput } from '../../../schema/generate-input.ts';
import type { FieldNames } from '../field-names.ts';

/** `GenerateInput` in this interface's words. */
export const fieldNames = {
  prompt: 'prompt',
  negativePrompt: 'negative_prompt',
  checkpoint: 'override_settings.sd_model_checkpoint',
  clipSkip: 'override_settings.CLIP_stop_at_last_layers',
  width: 'width',
  height: 'height',
  steps: 'steps',
  guidanceScale: 'cfg_scale',
  scheduler: 'sampler_name',
  eta: 'eta',
  seed: 'seed',
  count: 'batch_size',
  idempotencyKey: 'Idempotency-Key',
} as const satisfies FieldNames;

export type Values = Readonly<Partial<Record<keyof GenerateInput, unknown>>>;

/** What is read elsewhere. */
export const readFields: ReadonlySet<string> = new Set([
  ...['prompt', 'negative_prompt', 'width', 'height', 'steps', 'cfg_scale', 'eta', 'seed', 'batch_size', 'n_iter'],
  ...['sampler_name', 'sampler_index', 'scheduler', 'override_settings', 'send_images', 'enable_hr'],
]);

const isOff = (value: unknown) => value === false;
const isZero = (value: unknown) => value === 0;
const isNone = (value: unknown) => value === '' || value === 'None';
const isAny = () => true;

/**
 * What has one meaning here, with what asks for just that. Clients send all of their fields, most of them as they are by
 * default: what has no effect on the web UI's picture either (such as `hr_scale` without `enable_hr`) may be anything.
 */
export const onlyAs: Readonly<Record<string, (value: unknown) => boolean>> = {
  // A second pass at a higher resolution: without `enable_hr` nobody asks for these.
  ...Object.fromEntries(
    [
      ...['hr_scale', 'hr_upscaler', 'hr_second_pass_steps', 'hr_resize_x', 'hr_resize_y', 'hr_checkpoint_name'],
      ...['hr_sampler_name', 'hr_scheduler', 'hr_prompt', 'hr_negative_prompt', 'denoising_strength'],
      ...['firstphase_width', 'firstphase_height'],
    ].map(name => [name, isAny]),
  ),
  // Without a strength there is no second seed, without churn nothing else of it.
  subseed: isAny,
  subseed_strength: value => typeof value === 'number' && value <= 0,
  s_tmax: isAny,
  s_tmin: isAny,
  s_churn: isZero,
  s_noise: value => value === 1,
  s_min_uncond: isZero,
  seed_resize_from_h: value => typeof value === 'number' && value <= 0,
  seed_resize_from_w: value => typeof value === 'number' && value <= 0,
  styles: isEmpty,
  restore_faces: isOff,
  tiling: isOff,
  refiner_checkpoint: isNone,
  refiner_switch_at: isAny,
  script_name: isNone,
  script_args: isEmpty,
  alwayson_scripts: value => typeof value === 'object' && Object.values(value ?? {}).every(hasNoArguments),
  controlnet_units: isEmpty,
  use_deprecated_controlnet: isOff,
  // Where the web UI puts files: here every generation is kept, and there is no grid.
  do_not_save_samples: isAny,
  do_not_save_grid: isAny,
  save_images: isAny,
  // There are no extra networks, and settings belong to the request that has them.
  disable_extra_networks: isAny,
  override_settings_restore_afterwards: value => value === true,
};

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

/** Clients send a script that they do not use with an empty list. */
function hasNoArguments(script: unknown): boolean {
  return isEmpty((script as { readonly args?: unknown } | null)?.args ?? []);
}
