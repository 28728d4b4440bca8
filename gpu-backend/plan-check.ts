import { ParameterError } from '../models/parameter-error.ts';
import type { Tensor } from '../models/runtime.ts';
import { createScheduler } from '../models/schedulers/create.ts';
import type { Scheduler } from '../models/schedulers/scheduler.ts';
import { UnsupportedError } from '../models/unsupported.ts';
import type { CheckpointCard } from '../wire/card.ts';
import { PlanError } from '../wire/parse-plan.ts';
import type { DenoisePlan, Plan, TextEncodePlan } from '../wire/plan.ts';

/** Refuses a plan that a checkpoint cannot run. @throws PlanError */
export type PlanCheck = (plan: Plan, tensors: ReadonlyMap<string, Tensor>) => void;

/**
 * What a checkpoint's card says about plans: its limits, its tokens, and whether every stage has what it reads. All
 * that can be known before a session is asked is refused here, before the plan is queued.
 */
export function planCheck(card: CheckpointCard): PlanCheck {
  const vocabularies = card.tokenizers.map(({ vocab }) => 1 + Object.values(vocab).reduce((a, b) => Math.max(a, b), 0));
  const encoded = (prefix: string) => [`${prefix}prompt_embeds`, `${prefix}pooled_prompt_embeds`];
  const conditioning = (prefix: string) => encoded(prefix).slice(0, card.sizeConditioning ? 2 : 1);
  return (plan, tensors) => {
    const present = new Set<string>();
    for (const [name, tensor] of tensors) {
      checkTensor(name, tensor, card);
      present.add(name);
    }
    let moments = tensors.get('moments')?.dims;
    const made = new Set<string>();
    const make = (name: string) => {
      made.add(name);
      present.add(name);
    };
    for (const [i, stage] of plan.stages.entries()) {
      const path = `stages[${i}]`;
      const need = (name: string) => {
        if (!present.has(name)) throw new PlanError(path, `reads ${name}, which was neither sent nor made before`);
      };
      switch (stage.stage) {
        case 'TEXT_ENCODE':
          checkTokens(stage, path, card, vocabularies);
          for (const name of encoded('')) make(name);
          if (stage.negativeTokenIds) for (const name of encoded('negative_')) make(name);
          break;
        case 'IMAGE_ENCODE':
          need('image');
          moments = momentsOf(tensors.get('image')!, card);
          for (const name of ['moments', 'encoded']) make(name);
          break;
        case 'DENOISE':
          for (const name of conditioning('')) need(name);
          if (stage.guidanceScale > 1) for (const name of conditioning('negative_')) need(name);
          checkDenoise(stage, path, card);
          // What the run that goes on had started from lies behind it.
          if (stage.resumeDraws) need('resume');
          else if (stage.start && moments) checkStart('moments', moments, stage, path, card);
          else if (stage.start) {
            need('start_latent');
            checkStart('start_latent', tensors.get('start_latent')!.dims, stage, path, card);
          }
          if (stage.resumeAt) {
            need('resume');
            checkResume(tensors, stage, path, card);
          }
          for (const call of stage.keepAt ?? []) make(`at_${call}`);
          make('latent');
          break;
        case 'DECODE':
          if (!present.has('encoded')) need('latent');
          make('pixels');
          break;
        case 'EMBED': {
          if (!card.embedder) throw new PlanError(path, 'asks for an embedding, and this checkpoint has no embedder');
          const image = present.has('latent') ? 'latent' : 'encoded';
          if (stage.texts.length === 0) need(image);
          for (const [j, ids] of stage.texts.entries()) checkTokenIds(ids, `${path}.texts[${j}]`, card, vocabularies);
          if (present.has(image)) make('embedding');
          if (stage.texts.length > 0) make('text_embedding');
          break;
        }
        case 'SCORE':
          if (!card.discriminator)
            throw new PlanError(path, 'asks for a score, and this checkpoint has no discriminator');
          need('pixels');
          make('score');
      }
    }
    const missing = plan.returns.findIndex(name => !made.has(name));
    if (missing >= 0) throw new PlanError(`returns[${missing}]`, `is ${plan.returns[missing]}, which no stage makes`);
  };
}

function checkTokens(stage: TextEncodePlan, path: string, card: CheckpointCard, vocabularies: readonly number[]): void {
  for (const name of ['tokenIds', 'negativeTokenIds'] as const) {
    const lists = stage[name];
    if (lists === null || (lists.length === 0 && name === 'negativeTokenIds' && card.zerosForNoPrompt)) continue;
    checkTokenIds(lists, `${path}.${name}`, card, vocabularies);
  }
}

/** A text's token ids, a list for each text encoder. */
function checkTokenIds(
  lists: readonly (readonly number[])[],
  path: string,
  { tokenizers }: CheckpointCard,
  vocabularies: readonly number[],
): void {
  if (lists.length !== tokenizers.length) {
    throw new PlanError(
      path,
      `has ${lists.length} lists, one for each of ${tokenizers.length} text encoders is needed`,
    );
  }
  for (const [i, ids] of lists.entries()) {
    const { maxLength } = tokenizers[i]!;
    if (ids.length !== maxLength) throw new PlanError(`${path}[${i}]`, `has ${ids.length} ids, not ${maxLength}`);
    const beyond = ids.findIndex(id => id >= vocabularies[i]!);
    if (beyond >= 0) throw new PlanError(`${path}[${i}][${beyond}]`, `is not below ${vocabularies[i]}`);
  }
}

function checkDenoise(stage: DenoisePlan, path: string, { limits }: CheckpointCard): void {
  const atMost = (name: string, value: number, most: number) => {
    if (value > most) throw new PlanError(`${path}.${name}`, `is ${value}, this checkpoint takes at most ${most}`);
  };
  atMost('steps', stage.steps, limits.maxSteps);
  atMost('width', stage.width, limits.maxWidth);
  atMost('height', stage.height, limits.maxHeight);
  atMost('seeds.length', stage.seeds.length, limits.maxCount);
  for (const side of ['width', 'height'] as const) {
    if (stage[side] % limits.multipleOf !== 0) {
      throw new PlanError(`${path}.${side}`, `is ${stage[side]}, not a multiple of ${limits.multipleOf}`);
    }
  }
  const whole = checkScheduler(stage, 1, `${path}.scheduler`);
  const { start } = stage;
  const { timesteps, begin } = start
    ? checkScheduler(stage, start.strength, `${path}.start.strength`)
    : { timesteps: whole.timesteps, begin: 0 };
  checkResumption(stage, timesteps.length - begin, whole.needsNoise, path);
}

/** Whether the calls that are left out and those that are to be kept are such as can be. */
function checkResumption(stage: DenoisePlan, calls: number, needsNoise: boolean, path: string): void {
  const { start, resumeAt = null, resumeDraws = null, keepAt = [] } = stage;
  if (resumeDraws !== null && resumeAt === null)
    throw new PlanError(`${path}.resumeDraws`, 'is given without resumeAt');
  const isOfOthers = (resumeAt !== null && resumeDraws === null) || keepAt.length > 0;
  if (isOfOthers && start) throw new PlanError(`${path}.start`, 'is given for a run that is resumed, or to be');
  if (isOfOthers && needsNoise) throw new PlanError(`${path}.scheduler`, 'draws noise: its run cannot be resumed');
  if (resumeAt !== null && resumeAt >= calls) {
    throw new PlanError(`${path}.resumeAt`, `is ${resumeAt}, of ${calls} calls`);
  }
  const beyond = keepAt.findIndex(call => call <= (resumeAt ?? 0) || call > calls);
  if (beyond >= 0) {
    throw new PlanError(
      `${path}.keepAt[${beyond}]`,
      `is ${keepAt[beyond]}, expected ${(resumeAt ?? 0) + 1} to ${calls}`,
    );
  }
}

/** @param path what is to blame */
function checkScheduler({ scheduler, steps, eta }: DenoisePlan, strength: number, path: string): Scheduler {
  try {
    return createScheduler(scheduler, { steps, eta, strength });
  } catch (error) {
    if (!(error instanceof UnsupportedError || error instanceof ParameterError)) throw error;
    throw new PlanError(path, `cannot be used: ${error.message}`);
  }
}

/** What a run is resumed from has the shape of what it makes. */
function checkResume(
  tensors: ReadonlyMap<string, Tensor>,
  { seeds, width, height }: DenoisePlan,
  path: string,
  { latentShape: [channels], latentScale }: CheckpointCard,
): void {
  const expected = [seeds.length, channels, height / latentScale, width / latentScale];
  for (const [name, { dims }] of tensors) {
    if (!isResume(name) || dims.join() === expected.join()) continue;
    throw new PlanError(path, `is resumed from ${name} [${dims}], expected [${expected.join(', ')}]`);
  }
}

function isResume(name: string): boolean {
  return name === 'resume' || name.startsWith('resume_');
}

/** The dims of what the autoencoder will say of pictures. */
function momentsOf({ dims }: Tensor, { latentShape, latentScale }: CheckpointCard): readonly number[] {
  const [images = 0, height = 0, width = 0] = dims;
  return [images, 2 * latentShape[0], height / latentScale, width / latentScale];
}

/** Nobody's picture is larger or smaller than the one that is made of it. */
function checkStart(
  name: 'moments' | 'start_latent',
  found: readonly number[],
  { seeds, width, height }: DenoisePlan,
  path: string,
  { latentShape: [channels], latentScale }: CheckpointCard,
): void {
  const [rows, ...dims] = found;
  const expected = [name === 'moments' ? 2 * channels : channels, height / latentScale, width / latentScale];
  if ((rows === 1 || rows === seeds.length) && dims.join() === expected.join()) return;
  throw new PlanError(path, `starts from ${name} [${found}], expected [1 or ${seeds.length}, ${expected.join(', ')}]`);
}

/** A tensor that was sent along. What the card cannot tell of its shape, the model will. */
function checkTensor(name: string, { data, dims }: Tensor, card: CheckpointCard): void {
  const path = `tensors.${name}`;
  const [channels] = card.latentShape;
  const { maxCount, maxHeight, maxWidth, multipleOf } = card.limits;
  const [first = 0, second = 0, third = 0, fourth = 0] = dims;
  switch (isResume(name) ? 'latent' : name) {
    case 'prompt_embeds':
    case 'negative_prompt_embeds':
      if (dims.length !== 3 || first !== 1 || second < 1 || third < 1)
        throw new PlanError(path, 'is not [1, tokens, width]');
      break;
    case 'pooled_prompt_embeds':
    case 'negative_pooled_prompt_embeds':
      if (dims.length !== 2 || first !== 1 || second < 1) throw new PlanError(path, 'is not [1, width]');
      break;
    case 'image':
      if (!(data instanceof Uint8Array) || dims.length !== 4 || first < 1 || fourth !== 3)
        throw new PlanError(path, 'is not [images, height, width, 3] uint8');
      if (first > maxCount || second > maxHeight || third > maxWidth)
        throw new PlanError(path, `is larger than ${maxCount} pictures of ${maxWidth} x ${maxHeight}`);
      if (second < 1 || third < 1 || second % multipleOf !== 0 || third % multipleOf !== 0) {
        throw new PlanError(path, `is ${third} x ${second} pixels, not multiples of ${multipleOf}`);
      }
      return;
    case 'pixels':
      if (!(data instanceof Uint8Array) || dims.length !== 4 || first < 1 || second < 1 || third < 1 || fourth !== 3)
        throw new PlanError(path, 'is not [images, height, width, 3] uint8');
      if (first > maxCount || second > maxHeight || third > maxWidth)
        throw new PlanError(path, `is larger than ${maxCount} pictures of ${maxWidth} x ${maxHeight}`);
      return;
    case 'encoded':
    case 'moments':
    case 'start_latent':
    case 'latent': {
      const expected = name === 'moments' ? 2 * channels : channels;
      if (dims.length !== 4 || second !== expected || first < 1 || third < 1 || fourth < 1) {
        throw new PlanError(path, `is not [images, ${expected}, height, width]`);
      }
      if (first > maxCount || third * card.latentScale > maxHeight || fourth * card.latentScale > maxWidth) {
        throw new PlanError(path, `is larger than ${maxCount} pictures of ${maxWidth} x ${maxHeight}`);
      }
      break;
    }
    default:
      throw new PlanError('tensors', 'hold one that no stage reads');
  }
  if (!(data instanceof Float32Array)) throw new PlanError(path, 'is not float32');
  if (!data.every(Number.isFinite)) throw new PlanError(path, 'holds NaN or infinity');
}
