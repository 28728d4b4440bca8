import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartError } from './options.ts';

/**
 * Keeps a second Darkroom from the same state: two would run the same generations and write the same databases.
 * @returns releases the folder
 * @throws StartError naming the process that holds it
 */
export async function lockHome(home: string): Promise<() => Promise<void>> {
  const file = join(home, 'running');
  // Twice: the first finds what a Darkroom that was killed has left.
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      await writeFile(file, String(process.pid), { flag: 'wx' });
      return () => rm(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = Number(await readFile(file, 'utf8').catch(() => ''));
    if (isAlive(holder)) {
      throw new StartError(
        `${home} is in use by process ${holder}. Stop that Darkroom, or set DARKROOM_HOME to another folder. If process ` +
          `${holder} is no Darkroom, one that was killed has left its mark: remove ${file}`,
      );
    }
    await rm(file, { force: true });
  }
  throw new StartError(`${home} is being taken by another Darkroom at this very moment`);
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid < 1 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is a process too.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
