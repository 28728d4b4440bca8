/** Scenes that no part of training shows, drawn by models/training's own world, which is Python. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readSafetensors } from '../../../models/checkpoint/safetensors.ts';
import { pythonEnvironment, runPython } from '../../../scripts/python-environment.ts';
import type { Scene } from '../reuse/scenes.ts';

export interface HeldOut extends Scene {
  /** `[128, 128, 3] uint8` */
  readonly pixels: Uint8Array;
}

export const side = 128;
const program = fileURLToPath(new URL('scenes.py', import.meta.url));

/**
 * @param folder for what is handed over
 * @throws PythonError
 */
export async function heldOutScenes(count: number, folder: string): Promise<readonly HeldOut[]> {
  const environment = { ...process.env, PYTHONPATH: 'models/training', OMP_WAIT_POLICY: 'PASSIVE' };
  const code = await runPython(await pythonEnvironment(), [program, String(count), folder], environment);
  if (code !== 0) throw new Error(`drawing scenes ended with exit code ${code}`);
  const scenes = JSON.parse(readFileSync(join(folder, 'scenes.json'), 'utf8')) as readonly Scene[];
  const pictures = readSafetensors(readFileSync(join(folder, 'pictures.safetensors'))).get('pictures')!;
  const data = pictures.data as Uint8Array;
  const size = side * side * 3;
  return scenes.map((scene, i) => ({ ...scene, pixels: data.subarray(i * size, (i + 1) * size) }));
}
