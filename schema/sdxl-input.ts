import type { CheckpointCard } from '../wire/card.ts';
import { planLimits } from '../wire/parse-plan.ts';
import { builder } from './builder.ts';
import type { InputIssue, SdxlSizes } from './context.ts';
import { RequestError } from './errors.ts';

export const SdxlConditioningType = builder.inputType('SdxlConditioning', {
  description:
    'What SDXL is told about sizes (Podell et al. 2023, section 2.2), in pixels, as in diffusers. By default: an image of its own size that was not cropped.',
  fields: t => ({
    originalWidth: t.int({ description: 'How wide it is said to have been. Default: the image’s width.' }),
    originalHeight: t.int({ description: 'How high it is said to have been. Default: the image’s height.' }),
    cropTop: t.int({ description: 'How much is said to be cut off at the top. Default 0.' }),
    cropLeft: t.int({ description: 'How much is said to be cut off on the left. Default 0.' }),
    targetWidth: t.int({ description: 'How wide it is said to be. Default: the image’s width.' }),
    targetHeight: t.int({ description: 'How high it is said to be. Default: the image’s height.' }),
  }),
});

export type SdxlConditioning = typeof SdxlConditioningType.$inferInput;

/** What the UNet is told, defaults filled in, and everything that is wrong with it. */
export function readSizes(
  given: SdxlConditioning,
  { width, height }: { readonly width: number; readonly height: number },
): { readonly sizes: SdxlSizes; readonly issues: readonly InputIssue[] } {
  const issues: InputIssue[] = [];
  const within = (name: keyof SdxlSizes, least: number, whenAbsent: number): number => {
    const value = given[name];
    if (value == null) return whenAbsent;
    const refuse = (rule: string) =>
      issues.push({ path: ['input', 'sdxl', name], message: `${name} is ${value}: ${rule}` });
    if (value < least) refuse(`at least ${least}`);
    if (value > planLimits.toldSide) refuse(`at most ${planLimits.toldSide}`);
    return value;
  };
  const sizes = {
    originalWidth: within('originalWidth', 1, width),
    originalHeight: within('originalHeight', 1, height),
    cropTop: within('cropTop', 0, 0),
    cropLeft: within('cropLeft', 0, 0),
    targetWidth: within('targetWidth', 1, width),
    targetHeight: within('targetHeight', 1, height),
  };
  return { sizes, issues };
}

/** @throws RequestError UNSUPPORTED where sizes are told to a UNet that listens to none */
export function checkSizes(
  { name, sizeConditioning }: CheckpointCard,
  given: SdxlConditioning | null | undefined,
): void {
  if (sizeConditioning || Object.values(given ?? {}).every(value => value == null)) return;
  throw new RequestError(
    'UNSUPPORTED',
    `The checkpoint ${name} is not of SDXL’s kind, which is told sizes: leave out sdxl`,
  );
}
