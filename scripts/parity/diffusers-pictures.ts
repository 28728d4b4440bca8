import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { schedulerClass } from '../../models/schedulers/names.ts';
import { GoldenTensors } from '../../test/goldens/golden-tensors.ts';
import { PythonError, runPython } from '../python-environment.ts';
import type { ParityRequest, ParityResult, ParitySettings } from './request.ts';

/**
 * Has diffusers make the pictures, all in one process.
 * @param python the interpreter of an environment that has diffusers
 * @param dtype what it computes with; the noise is that of float32 always
 * @returns one for each request
 * @throws PythonError
 */
export async function diffusersResults(
  python: string,
  settings: ParitySettings,
  requests: readonly ParityRequest[],
  dtype: 'float32' | 'float64',
): Promise<ParityResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'darkroom-parity-'));
  try {
    const out = join(folder, 'pictures.safetensors');
    const job = join(folder, 'job.json');
    const asked = requests.map(({ scheduler = settings.scheduler, ...request }) => ({
      ...request,
      scheduler: schedulerClass(scheduler),
    }));
    writeFileSync(job, JSON.stringify({ settings, requests: asked, dtype, out }));
    const code = await runPython(python, ['test/reference/pictures.py', job], { ...process.env, HF_HUB_OFFLINE: '1' });
    if (code !== 0) throw new PythonError(`diffusers made no pictures: exit code ${code}`);
    const tensors = GoldenTensors.read(out, readFileSync(out));
    return requests.map((_, i) => ({
      pixels: Uint8Array.from(tensors.get(`${i}.pixels`).data),
      latent: tensors.get(`${i}.latent`).data,
    }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
