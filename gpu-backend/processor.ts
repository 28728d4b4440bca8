/** What a machine computes with, as far as it decides how results are rounded. */
import { readFile } from 'node:fs/promises';
import { arch, cpus } from 'node:os';

/** Instructions that kernels are chosen by. */
const decisive = /^(fma|avx|avx2|f16c|avx512\w*|avx_vnni|amx_\w+|asimd\w*|sve\w*|fphp|bf16|i8mm)$/;

/**
 * @param cpuinfo of Linux; null elsewhere
 * @param model of the processor, where its features are not known
 * @example processorOf('flags : fpu fma avx2', 'Xeon', 'x64') // 'x64 avx2 fma'
 */
export function processorOf(cpuinfo: string | null, model: string, architecture: string): string {
  const line = /^(?:flags|Features)\s*:(.*)$/m.exec(cpuinfo ?? '')?.[1];
  const features = [...new Set(line?.split(/\s+/))].filter(flag => decisive.test(flag)).sort();
  return [architecture, ...(features.length > 0 ? features : [model])].join(' ').trim();
}

/** Of this machine. */
export async function thisProcessor(): Promise<string> {
  const cpuinfo = await readFile('/proc/cpuinfo', 'utf8').catch(() => null);
  return processorOf(cpuinfo, cpus()[0]?.model ?? '', arch());
}
