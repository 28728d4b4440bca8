/** Whether what a backend says can be true: it is kept, answers later requests, and is gone on with. */
import type { Tensor } from '../../models/runtime.ts';
import { BackendUnreachable } from '../../wire/backend-error.ts';
import type { Frame } from '../../wire/client.ts';
import type { Plan } from '../../wire/plan.ts';
import type { Job } from '../generations/job.ts';

/** A schedule has a thousand timesteps, and schedulers call the UNet up to twice for each. */
const mostSteps = 2_000;
/** Draws of noise beside those of the calls: for the beginning, and for what it starts from. */
const drawsBesideCalls = 2;

/**
 * @returns the tensors that were asked for
 * @throws BackendUnreachable for a backend that does not do what it was asked
 */
export function checkFrame({ header, tensors }: Frame, plan: Plan, job: Job): ReadonlyMap<string, Tensor> {
  const refuse = (problem: string): never => {
    throw new BackendUnreachable(`the backend sent ${problem}`);
  };
  switch (header.kind) {
    case 'queued':
      break;
    case 'started':
      if (typeof header.backend?.runtime !== 'string') refuse('a start without saying who it is');
      break;
    case 'step': {
      const { step, steps, draws = 1 } = header;
      if (!(isWhole(steps, 1, mostSteps) && isWhole(step, 1, steps))) refuse(`step ${step} of ${steps}`);
      if (!isWhole(draws, 0, step + drawsBesideCalls)) refuse(`step ${step} after ${draws} draws of noise`);
      break;
    }
    case 'result':
      if (!plan.stages.some(({ stage }) => stage === header.stage)) refuse(`a result of ${header.stage}, unasked`);
      if (!Number.isFinite(header.ms)) refuse('a result without a time');
      break;
    default:
      refuse('a frame of no known kind');
  }
  const asked = new Map([...tensors].filter(([name]) => isAsked(name, plan)));
  for (const [name, tensor] of asked) {
    const problem = problemOf(name, tensor, job);
    if (problem !== null) refuse(`${name} ${problem}`);
  }
  return asked;
}

function isAsked(name: string, { returns }: Plan): boolean {
  if (/^(resume(_\w+)?|preview)$/.test(name)) return true;
  return returns.includes(/^at_\d+(?=_)/.exec(name)?.[0] ?? name);
}

function problemOf(name: string, { data, dims }: Tensor, { parameters, latent }: Job): string | null {
  const { width, height } = parameters;
  const expect = (...expected: number[]) =>
    dims.join() === expected.join() ? null : `[${dims}], expected [${expected.join(', ')}]`;
  if (name === 'pixels') return data instanceof Uint8Array ? expect(1, height, width, 3) : 'not as uint8';
  if (name === 'preview') return data instanceof Uint8Array && dims.length === 4 ? null : 'not as uint8';
  if (!(data instanceof Float32Array)) return 'not as float32';
  if (!data.every(Number.isFinite)) return 'with NaN or infinity';
  if (name === 'score') return expect(1);
  // Generations of before this was noted: their latents' shape is not known.
  if (latent && /^(latent|encoded|resume|at_)/.test(name)) {
    return expect(1, latent.channels, height / latent.scale, width / latent.scale);
  }
  return null;
}

function isWhole(value: unknown, least: number, most: number): boolean {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}
