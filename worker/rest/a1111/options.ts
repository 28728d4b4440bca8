/**
 * `/sdapi/v1/options`: what the web UI keeps as settings for everybody. Here they are no one's to change: a request that
 * wants another checkpoint names it in its `override_settings`, and disturbs nobody.
 */
import { findCheckpoint } from '../../../schema/checkpoint.ts';
import type { CheckpointService, InputIssue } from '../../../schema/context.ts';
import { InputError } from '../../../schema/errors.ts';
import { nameOf, titleOf } from './checkpoint-title.ts';

/** @throws RequestError NOT_FOUND, RetryLater */
export async function options(checkpoints: CheckpointService) {
  const card = await findCheckpoint(checkpoints, null);
  return {
    sd_model_checkpoint: titleOf(card),
    sd_checkpoint_hash: card.digest,
    CLIP_stop_at_last_layers: 1,
    samples_format: 'png',
  };
}

/**
 * Accepts what is so already.
 * @throws InputError that names every setting that would have to change; RequestError NOT_FOUND, RetryLater
 */
export async function setOptions(
  wanted: Readonly<Record<string, unknown>>,
  checkpoints: CheckpointService,
): Promise<void> {
  const current: Readonly<Record<string, unknown>> = await options(checkpoints);
  const issues: InputIssue[] = [];
  for (const [name, value] of Object.entries(wanted)) {
    if (value === null || (Object.hasOwn(current, name) && isSame(name, value, current[name]))) continue;
    const field = name.slice(0, 100);
    const instead = name === 'sd_model_checkpoint' ? ': name it in override_settings of a request instead' : '';
    issues.push({ path: ['body', field], message: `${field} cannot be changed for all requests${instead}` });
  }
  if (issues.length > 0) throw new InputError(issues);
}

function isSame(name: string, value: unknown, current: unknown): boolean {
  if (name !== 'sd_model_checkpoint') return value === current;
  return typeof value === 'string' && nameOf(value) === nameOf(String(current));
}
