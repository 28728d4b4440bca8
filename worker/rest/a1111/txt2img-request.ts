import type { InputIssue } from '../../../schema/context.ts';
import { InputError } from '../../../schema/errors.ts';
import type { CheckpointCard } from '../../../wire/card.ts';
import { nameOf } from './checkpoint-title.ts';
import { onlyAs, readFields, type Values } from './fields.ts';
import { schedulerOf } from './samplers.ts';

export interface Txt2Img {
  readonly values: Values;
  /** Whether the pictures are sent, not only what is said of them. */
  readonly sendsImages: boolean;
}

type Body = Readonly<Record<string, unknown>>;

/** The checkpoint that a request names; null for the server's default. @throws InputError */
export function checkpointOf(body: Body): string | null {
  const title = settingsOf(body).sd_model_checkpoint ?? null;
  if (title === null || typeof title === 'string') return title && nameOf(title);
  const field = 'override_settings.sd_model_checkpoint';
  throw new InputError([{ path: ['body', field], message: `${field} must be a text` }]);
}

/**
 * @param card of the checkpoint that it names
 * @throws InputError that names every field that cannot be honoured
 */
export function readTxt2Img(body: Body, card: CheckpointCard): Txt2Img {
  const issues: InputIssue[] = [];
  const refuse = (field: string, message: string) =>
    issues.push({ path: ['body', field], message: `${field} ${message}` });
  for (const [field, value] of Object.entries(body)) {
    if (value === null || readFields.has(field)) continue;
    const fits = Object.hasOwn(onlyAs, field) ? onlyAs[field]! : () => false;
    if (!fits(value)) refuse(field.slice(0, 100), 'asks for something that this server cannot do');
  }
  if (body.enable_hr ?? false) refuse('enable_hr', 'can only be false here');
  const sendsImages = body.send_images ?? true;
  if (typeof sendsImages !== 'boolean') refuse('send_images', 'must be true or false');
  const settings = settingsOf(body);
  for (const name of Object.keys(settings)) {
    if (name === 'sd_model_checkpoint' || name === 'CLIP_stop_at_last_layers') continue;
    refuse(`override_settings.${name.slice(0, 100)}`, 'is a setting that this server does not have');
  }
  // 1 is the whole text encoder; diffusers, and this server, count what is left out.
  const lastLayers = settings.CLIP_stop_at_last_layers ?? 1;
  const clipSkip = typeof lastLayers === 'number' && lastLayers > 1 ? lastLayers - 1 : null;
  if (typeof lastLayers !== 'number' || lastLayers < 1) {
    refuse('override_settings.CLIP_stop_at_last_layers', 'must be a whole number from 1 on');
  }
  const count = (body.batch_size ?? 1) as number;
  const rounds = (body.n_iter ?? 1) as number;
  for (const [field, value] of Object.entries({ batch_size: count, n_iter: rounds })) {
    if (!Number.isInteger(value) || value < 1) refuse(field, 'must be a whole number from 1 on');
  }
  const sampling = samplingOf(body, card, refuse);
  if (issues.length > 0) throw new InputError(issues);
  return {
    values: {
      prompt: body.prompt ?? '',
      negativePrompt: body.negative_prompt,
      checkpoint: card.name,
      clipSkip,
      width: body.width,
      height: body.height,
      steps: body.steps,
      guidanceScale: body.cfg_scale,
      ...sampling,
      // The web UI draws one for -1.
      seed: body.seed === -1 ? null : body.seed,
      count: count * rounds,
    },
    sendsImages: sendsImages === true,
  };
}

/** The scheduler, and η where the web UI gives it to that sampler too. */
function samplingOf(body: Body, card: CheckpointCard, refuse: (field: string, message: string) => void): Values {
  // The second is the first's old name; clients send both.
  const sampler = body.sampler_name ?? body.sampler_index ?? null;
  const schedule = body.scheduler ?? 'Automatic';
  if (sampler !== null && typeof sampler !== 'string') refuse('sampler_name', 'must be a text');
  if (typeof schedule !== 'string') refuse('scheduler', 'must be a text');
  if (typeof schedule !== 'string' || (sampler !== null && typeof sampler !== 'string')) return {};
  if (sampler === null && schedule.toLowerCase() !== 'automatic') {
    refuse('scheduler', 'needs a sampler_name');
    return {};
  }
  const found = sampler === null ? { scheduler: null } : schedulerOf(card, sampler, schedule);
  if ('fault' in found) {
    refuse(found.field, found.fault);
    return {};
  }
  const { scheduler } = found;
  const eta = body.eta ?? null;
  if ((scheduler ?? card.defaults.scheduler) === 'DDIM') return { scheduler, eta };
  if (scheduler === 'EULER_ANCESTRAL' && eta !== null && eta !== 1) refuse('eta', 'can only be 1 with Euler a');
  return { scheduler };
}

/** @throws InputError */
function settingsOf(body: Body): Body {
  const settings = body.override_settings ?? {};
  if (typeof settings === 'object' && !Array.isArray(settings)) return settings as Body;
  const message = 'override_settings must be an object';
  throw new InputError([{ path: ['body', 'override_settings'], message }]);
}
