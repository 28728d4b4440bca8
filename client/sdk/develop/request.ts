/** What is asked of a developer, with the server's defaults, limits and words. */
import type { generationDefaults } from '../../../models/generation/defaults.ts';
import { type GenerationLimits, mostGuidanceScale, rangeFault, sideFault } from '../../../models/generation/limits.ts';
import { promptFaults } from '../../../models/prompt-faults.ts';
import { schedulerNamesFor } from '../../../models/schedulers/names.ts';
import { InputError } from '../errors.ts';
import type { InputIssue, Scheduler } from '../types.ts';

export interface DevelopOptions {
  readonly negativePrompt?: string | undefined;
  /** What the noise is drawn from, 0 to 2^53 - 1; of two that agree in their low 32 bits the pictures are the same. Default: drawn. */
  readonly seed?: number | undefined;
  /** Of these the default is the checkpoint's own. */
  readonly steps?: number | undefined;
  readonly guidanceScale?: number | undefined;
  readonly scheduler?: Scheduler | undefined;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  readonly guidanceRescale?: number | undefined;
  /** DDIM's η. */
  readonly eta?: number | undefined;
  readonly clipSkip?: number | null | undefined;
  readonly signal?: AbortSignal | undefined;
}

export type Defaults = Awaited<ReturnType<typeof generationDefaults>>;

/** All of it, as it is used. */
export interface Settings extends Defaults {
  readonly prompt: string;
  readonly negativePrompt: string;
  readonly seed: number;
  readonly guidanceRescale: number;
  readonly eta: number;
  readonly clipSkip: number | null;
}

/** @throws InputError with everything that is wrong, as the server would say it */
export function settingsOf(
  prompt: string,
  options: DevelopOptions,
  { defaults, limits, scheduler: own }: Own,
): Settings {
  const { signal: _, ...asked } = options;
  const given = Object.fromEntries(Object.entries(asked).filter(([, value]) => value != null));
  const settings: Settings = {
    ...defaults,
    negativePrompt: '',
    seed: crypto.getRandomValues(new Uint32Array(1))[0]!,
    guidanceRescale: 0,
    eta: 0,
    clipSkip: null,
    ...given,
    prompt,
  };
  const issues: InputIssue[] = [];
  const refuse = (name: string, ...faults: readonly (string | null)[]) => {
    for (const message of faults) if (message !== null) issues.push({ path: ['input', name], message });
  };
  const within = (name: keyof Settings, least: number, most: number, whole = false) => {
    const value = settings[name] as number;
    const fault = rangeFault(name, value, least, most);
    refuse(name, fault ?? (whole && !Number.isInteger(value) ? `${name} is ${value}: must be a whole number` : null));
  };
  refuse('prompt', ...promptFaults('prompt', prompt, true));
  refuse('negativePrompt', ...promptFaults('negativePrompt', settings.negativePrompt, false));
  within('seed', 0, Number.MAX_SAFE_INTEGER, true);
  refuse('width', sideFault('width', settings.width, limits.multipleOf, limits.maxWidth));
  refuse('height', sideFault('height', settings.height, limits.multipleOf, limits.maxHeight));
  within('steps', 1, limits.maxSteps, true);
  within('guidanceScale', 0, mostGuidanceScale);
  within('guidanceRescale', 0, 1);
  within('eta', 0, 1);
  if (settings.clipSkip !== null) within('clipSkip', 0, limits.maxClipSkip, true);
  const known = schedulerNamesFor(own);
  if (!known.includes(settings.scheduler)) {
    refuse('scheduler', `scheduler is ${settings.scheduler}: this checkpoint takes ${known.join(', ')}`);
  }
  if (issues.length > 0) throw new InputError('INPUT_INVALID', issues.map(({ message }) => message).join('; '), issues);
  return settings;
}

/** What a checkpoint says of itself. */
export interface Own {
  readonly defaults: Defaults;
  readonly limits: GenerationLimits;
  /** Its `scheduler_config.json`. */
  readonly scheduler: Readonly<Record<string, unknown>>;
}
