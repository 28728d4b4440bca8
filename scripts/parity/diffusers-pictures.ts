import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSafetensors } from '../../models/checkpoint/safetensors.ts';
import { PythonError, runPython } from '../python-environment.ts';
import type { ParityRequest, ParitySettings } from './request.ts';

/**
 * Has diffusers make the pictures, all in one process.
 * @param python the interpreter of an environment that has diffusers
 * @returns bytes `[height, width, 3]`, one array a request
 * @throws PythonError
 */
export async function diffusersPictures(
  python: string,
  settings: ParitySettings,
  requests: readonly ParityRequest[],
): Promise<Uint8Array[]> {
  const folder = mkdtempSync(join(tmpdir(), 'darkroom-parity-'));
  try {
    const out = join(folder, 'pictures.safetensors');
    const job = join(folder, 'job.json');
    writeFileSync(job, JSON.stringify({ settings, requests, out }));
    const code = await runPython(python, ['test/reference/pictures.py', job], { ...process.env, HF_HUB_OFFLINE: '1' });
    if (code !== 0) throw new PythonError(`diffusers made no pictures: exit code ${code}`);
    const pictures = readSafetensors(readFileSync(out));
    return requests.map((_, i) => pictures.get(String(i))!.data as Uint8Array);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
