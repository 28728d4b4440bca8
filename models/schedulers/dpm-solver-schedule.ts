import { ParameterError } from '../parameter-error.ts';
import { booleanOption, integerOption, numberOption, type SchedulerConfig } from './config.ts';
import { float32Log } from './float32-log.ts';
import { luSigmas } from './lu.ts';
import { positiveAlphasCumprod } from './noise-schedule.ts';
import {
  finalSigma,
  interpolateSigmas,
  refuseChosenTimesteps,
  sigmaSpacing,
  timestepsOf,
  trainingSigmas,
} from './sigmas.ts';
import { dpmFlowSchedule, refuseWithFlow } from './solver-flow-schedule.ts';
import { chosenTimesteps, roundHalfToEven, solverTimesteps } from './timestep-spacing.ts';

const { fround, log, sqrt } = Math;

/**
 * Timesteps, whole numbers, and noise levels of a run of DPM-Solver.
 * @param mu μ of a dynamic shift, with `use_flow_sigmas`
 * @throws RangeError when there are more steps than timesteps
 * @throws UnsupportedError naming the option
 */
export function solverSchedule(
  config: SchedulerConfig,
  steps: number | undefined,
  chosen: readonly number[] | undefined,
  mu: number | undefined,
): { readonly timesteps: readonly number[]; readonly sigmas: Float32Array } {
  if (mu !== undefined && !booleanOption(config, 'use_dynamic_shifting', false)) {
    throw new ParameterError('mu without use_dynamic_shifting');
  }
  if (chosen) refuseChosenTimesteps(config, 'use_lu_lambdas', 'use_flow_sigmas');
  const alphas = positiveAlphasCumprod(config);
  const trained = trainingSigmas(alphas);
  const withLast = (levels: readonly number[]) => Float32Array.from([...levels, finalSigma(config, trained)]);
  if (booleanOption(config, 'use_flow_sigmas', false)) {
    refuseWithFlow(config, 'use_karras_sigmas', 'use_lu_lambdas', 'use_exponential_sigmas', 'use_beta_sigmas');
    const { timesteps, levels } = dpmFlowSchedule(config, steps!, mu);
    return { timesteps, sigmas: withLast(levels) };
  }
  const visited = chosen
    ? chosenTimesteps(config, chosen)
    : solverTimesteps(config, steps!, lastTimestep(config, alphas));
  const spacing = sigmaSpacing(config);
  const karras = booleanOption(config, 'use_karras_sigmas', false);
  const lu = booleanOption(config, 'use_lu_lambdas', false) && !karras;
  if (!spacing && !lu) return { timesteps: visited, sigmas: withLast(interpolateSigmas(visited, trained)) };

  const [first, last] = [trained.at(-1)!, trained[0]!];
  const levels = lu ? luSigmas(float32Log(first), float32Log(last), steps!) : spacing!(first, last, steps!);
  const rounds = (lu || karras) && config.beta_schedule !== 'squaredcos_cap_v2';
  const timesteps = timestepsOf(levels, trained).map(rounds ? roundHalfToEven : Math.trunc);
  return { timesteps, sigmas: withLast(levels) };
}

/** How many training timesteps have a λ from `lambda_min_clipped` on: the rest, all noise, is left out. */
function lastTimestep(config: SchedulerConfig, alphas: Float32Array): number {
  const trained = integerOption(config, 'num_train_timesteps', 1000, 1);
  const none = [null, undefined, '-Infinity', '-inf', Number.NEGATIVE_INFINITY] as unknown[];
  if (none.includes(config.lambda_min_clipped)) return trained;
  const least = fround(numberOption(config, 'lambda_min_clipped', 0));
  const lambdas = alphas.map(alpha => fround(log(fround(sqrt(alpha)))) - fround(log(fround(sqrt(fround(1 - alpha))))));
  return trained - lambdas.filter(lambda => lambda < least).length;
}
