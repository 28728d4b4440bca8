/** Asks the evaluation's judge, which is Python, what it sees in pictures. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pythonEnvironment, runPython } from '../../../scripts/python-environment.ts';
import type { Changes, Scene } from './scenes.ts';

export interface Judged {
  /** What it names of each thing; null where it sees none that it knows. */
  readonly things: readonly (string | null)[];
  /** The palette's nearest colour. */
  readonly background: string;
}

export interface ToJudge extends Scene {
  /** A PNG, absolute. */
  readonly file: string;
}

const program = fileURLToPath(new URL('judge.py', import.meta.url));

/**
 * @param folder for what is handed over
 * @throws PythonError
 */
export async function judge(pictures: readonly ToJudge[], folder: string): Promise<readonly Judged[]> {
  if (pictures.length === 0) return [];
  const python = await pythonEnvironment();
  const [asked, verdicts] = [join(folder, 'asked.json'), join(folder, 'verdicts.json')];
  writeFileSync(asked, JSON.stringify(pictures));
  const environment = { ...process.env, PYTHONPATH: 'models/training', OMP_WAIT_POLICY: 'PASSIVE' };
  const code = await runPython(python, [program, asked, verdicts], environment);
  if (code !== 0) throw new Error(`the judge ended with exit code ${code}`);
  return JSON.parse(readFileSync(verdicts, 'utf8')) as Judged[];
}

/** Whether every thing is there, and where it was asked to be. */
export function isRight({ things }: Scene, judged: Judged): boolean {
  return things.every((thing, i) => judged.things[i] === thing);
}

/** Of what was changed, what is not as it was asked for; null where nothing of the kind was changed. */
export interface Wrong {
  readonly colour: boolean | null;
  readonly thing: boolean | null;
  readonly side: boolean | null;
}

export function wrongOf(scene: Scene, changes: Changes, judged: Judged): Wrong {
  return {
    colour: changes.colour ? judged.background !== scene.background : null,
    thing: changes.things.length > 0 ? changes.things.some(i => judged.things[i] !== scene.things[i]) : null,
    side: changes.side ? judged.things.join() === scene.things.toReversed().join() : null,
  };
}
