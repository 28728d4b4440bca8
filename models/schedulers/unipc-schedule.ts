import { UnsupportedError } from '../unsupported.ts';
import { booleanOption, choiceOption, type SchedulerConfig } from './config.ts';
import { positiveAlphasCumprod } from './noise-schedule.ts';
import { finalSigma, interpolateSigmas, sigmaSpacing, timestepsOf, trainingSigmas } from './sigmas.ts';
import { refuseWithFlow, straightened, unipcFlowSchedule } from './solver-flow-schedule.ts';
import { roundHalfToEven, solverTimesteps } from './timestep-spacing.ts';

interface Schedule {
  readonly timesteps: readonly number[];
  readonly sigmas: Float32Array;
}

/**
 * Timesteps, whole numbers, and noise levels of a run of UniPC.
 * @param chosen noise levels instead of `steps`, with `use_flow_sigmas`
 * @param mu μ of a dynamic shift, with `use_flow_sigmas`
 * @throws RangeError when there are more steps than timesteps, or a dynamic shift lacks its μ
 * @throws UnsupportedError naming the option
 */
export function unipcSchedule(
  config: SchedulerConfig,
  steps: number | undefined,
  chosen: readonly number[] | undefined,
  mu: number | undefined,
): Schedule {
  const straight = booleanOption(config, 'use_flow_sigmas', false);
  const karras = booleanOption(config, 'use_karras_sigmas', false);
  const trained = trainingSigmas(positiveAlphasCumprod(config));
  const last = finalSigma(config, trained);
  const spacing = sigmaSpacing(config);
  if (straight) refuseWithFlow(config, 'use_exponential_sigmas', 'use_beta_sigmas');
  if (chosen && (!straight || karras)) throw new UnsupportedError('scheduler UniPCMultistepScheduler with sigmas');
  if (straight && !spacing) return ended(unipcFlowSchedule(config, steps, chosen, mu), config);
  const visited = solverTimesteps(config, steps!);
  if (!spacing) {
    return { timesteps: visited, sigmas: Float32Array.from([...interpolateSigmas(visited, trained), last]) };
  }
  const levels = spacing(trained.at(-1)!, trained[0]!, steps!);
  if (straight) return ended(straightened(levels, config), config);
  const rounded = karras ? roundHalfToEven : Math.trunc;
  return ended({ timesteps: timestepsOf(levels, trained).map(rounded), levels }, config);
}

/** Where a run spaces its own noise levels, it ends at the last of those and not at the training's. */
function ended(
  { timesteps, levels }: { readonly timesteps: readonly number[]; readonly levels: readonly number[] },
  config: SchedulerConfig,
): Schedule {
  const toZero = choiceOption(config, 'final_sigmas_type', ['zero', 'sigma_min'], 'zero') === 'zero';
  return { timesteps, sigmas: Float32Array.from([...levels, toZero ? 0 : levels.at(-1)!]) };
}
