/** Samplers and their schedules of noise, which are one thing here: a scheduler. */
import { schedulersOf } from '../../../schema/scheduler.ts';
import type { CheckpointCard } from '../../../wire/card.ts';
import { samplerName } from '../../images/sampler-names.ts';

/** What each is called besides, where the web UI has another name for it. */
const aliases: Readonly<Record<string, readonly string[]>> = {
  PNDM: ['plms', 'pndm'],
  EULER: ['k_euler'],
  EULER_ANCESTRAL: ['k_euler_a', 'k_euler_ancestral'],
  HEUN: ['k_heun'],
  DPMPP_2M: ['k_dpmpp_2m'],
  DPMPP_2M_KARRAS: ['k_dpmpp_2m_ka'],
  DPMPP_2M_SDE: ['k_dpmpp_2m_sde'],
};

/** `GET /sdapi/v1/samplers` */
export function samplersOf(card: CheckpointCard) {
  return schedulersOf(card).map(name => ({ name: samplerName(name), aliases: aliases[name] ?? [], options: {} }));
}

/** `GET /sdapi/v1/schedulers`: a sampler's own schedule, and the one other that a sampler can be given. */
export const schedules = [
  { name: 'automatic', label: 'Automatic', aliases: null, default_rho: -1, need_inner_model: false },
  { name: 'karras', label: 'Karras', aliases: null, default_rho: 7, need_inner_model: false },
];

/**
 * The scheduler that a sampler with a schedule is.
 * @returns what is wrong, where there is none: the names of the fields, and the words
 */
export function schedulerOf(
  card: CheckpointCard,
  sampler: string,
  schedule: string,
): { readonly scheduler: string } | { readonly field: 'sampler_name' | 'scheduler'; readonly fault: string } {
  const wanted = sampler.toLowerCase();
  const found = schedulersOf(card).find(name =>
    [samplerName(name), name, ...(aliases[name] ?? [])].some(known => known.toLowerCase() === wanted),
  );
  if (found === undefined) {
    const known = schedulersOf(card).map(samplerName).join(', ');
    return { field: 'sampler_name', fault: `is ${JSON.stringify(sampler.slice(0, 100))}: can only be one of ${known}` };
  }
  const own = schedule.toLowerCase();
  if (own === 'automatic') return { scheduler: found };
  if (own === 'karras' && (found === 'DPMPP_2M' || found === 'DPMPP_2M_KARRAS'))
    return { scheduler: 'DPMPP_2M_KARRAS' };
  const fault = `is ${JSON.stringify(schedule.slice(0, 100))}: ${samplerName(found)} can only be run with Automatic`;
  return { field: 'scheduler', fault: found.startsWith('DPMPP_2M') ? `${fault}, DPM++ 2M with Karras too` : fault };
}
