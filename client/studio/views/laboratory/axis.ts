/** Axes of a contact sheet, as they are typed. */
import type { Axis, AxisParameter } from '../../../sdk/index.ts';

export interface AxisDraft {
  readonly parameter: AxisParameter;
  /** Values, separated by commas; prompts by semicolons, since they have commas of their own. */
  readonly values: string;
}

export const axisParameters: Readonly<Record<Exclude<AxisParameter, 'STRENGTH'>, { name: string; values: string }>> = {
  STEPS: { name: 'Steps', values: '5, 10, 20, 40' },
  SEED: { name: 'Seed', values: '1, 2, 3' },
  GUIDANCE_SCALE: { name: 'Guidance scale', values: '1, 2, 4, 8' },
  SCHEDULER: { name: 'Scheduler', values: 'DDIM, EULER, DPMPP_2M, UNIPC' },
  PROMPT: { name: 'Prompt', values: 'a cat on a red background; a dog on a red background' },
};

/** The values between the separators, without empty ones. */
export function axisOf({ parameter, values }: AxisDraft): Axis {
  const separator = parameter === 'PROMPT' ? ';' : ',';
  return {
    parameter,
    values: values
      .split(separator)
      .map(value => value.trim())
      .filter(value => value !== ''),
  };
}
