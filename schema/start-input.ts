import { leastStrength } from '../models/schedulers/strength.ts';
import { builder } from './builder.ts';
import type { InputIssue } from './context.ts';
import { ImageInputType } from './image-input.ts';

const StartFromType = builder.inputType('StartFrom', {
  description: 'Where denoising starts: from one of these.',
  isOneOf: true,
  fields: t => ({
    image: t.field({
      type: ImageInputType,
      description:
        'A picture. It is brought to the image’s width and height, as diffusers does it, and each image draws its latent, by its own seed, from those that the picture may have.',
    }),
    latentKey: t.string({
      description:
        'The key of a stored latent, which is taken as it is: it must be of the same checkpoint and fit the image’s width and height.',
    }),
  }),
});

export const StartInputType = builder.inputType('StartInput', {
  description: 'Image to image: what to start from instead of noise alone, and how much of it to do anew.',
  fields: t => ({
    from: t.field({ type: StartFromType, required: true, description: 'What to start from.' }),
    strength: t.float({
      required: true,
      defaultValue: 0.7,
      description:
        'As in diffusers’ image to image, from 0 (the start as it is) to 1 (hardly anything of it): the last ⌊steps × strength⌋ steps are done, at least one.',
    }),
  }),
});

export type StartInput = typeof StartInputType.$inferInput;

const path = ['input', 'start', 'strength'];

/** What is wrong with a strength, for so many steps. */
export function strengthIssues({ strength }: StartInput, steps: number): readonly InputIssue[] {
  const refuse = (rule: string) => [{ path, message: `strength is ${strength}: ${rule}` }];
  // Written so that NaN is refused too.
  if (!(strength >= 0)) return refuse('at least 0');
  if (!(strength <= 1)) return refuse('at most 1');
  if (Math.floor(steps * strength) >= 1) return [];
  return refuse(`of ${steps} ${steps === 1 ? 'step' : 'steps'} none would be done, at least ${leastStrength(steps)}`);
}
