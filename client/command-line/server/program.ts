/** `npm start` as a program for other programs: where it is, and what it needs of the environment. */
import { delimiter, dirname, join, resolve } from 'node:path';

/** The project's folder, which it runs in. */
export const root = join(import.meta.dirname, '../../..');
export const program = [process.execPath, join(root, 'scripts/start.ts')] as const;

export type Environment = Readonly<Record<string, string | undefined>>;

/** Folders that it names it names from here; the defaults are the project's own. */
export function startEnvironment(env: Environment): Environment & { readonly DARKROOM_HOME: string } {
  const checkpoints = (env.CHECKPOINTS ?? '')
    .split(',')
    .map(folder => folder.trim())
    .filter(folder => folder !== '');
  return {
    ...env,
    // What it builds with is to run on this Node, whatever the system has.
    PATH: [dirname(process.execPath), env.PATH].filter(Boolean).join(delimiter),
    DARKROOM_HOME: env.DARKROOM_HOME ? resolve(env.DARKROOM_HOME) : join(root, '.darkroom'),
    CHECKPOINTS: checkpoints.map(folder => resolve(folder)).join(','),
  };
}
