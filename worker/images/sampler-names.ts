/** Schedulers as AUTOMATIC1111's web UI calls them. */
const samplers: Readonly<Record<string, string>> = {
  DDIM: 'DDIM',
  DDPM: 'DDPM',
  PNDM: 'PLMS',
  EULER: 'Euler',
  EULER_ANCESTRAL: 'Euler a',
  HEUN: 'Heun',
  DPMPP_2M: 'DPM++ 2M',
  DPMPP_2M_KARRAS: 'DPM++ 2M Karras',
  DPMPP_2M_SDE: 'DPM++ 2M SDE',
  UNIPC: 'UniPC',
  LCM: 'LCM',
};

/** One that the web UI does not have keeps its own name. */
export function samplerName(scheduler: string): string {
  return samplers[scheduler] ?? scheduler;
}
