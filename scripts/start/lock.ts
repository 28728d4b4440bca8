import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartError } from './options.ts';

/** The process that works with a folder's state. */
export interface Holder {
  readonly pid: number;
  /** Where it answers; null while it starts. */
  readonly url: string | null;
  /** Whether it ends together with the command that started it. */
  readonly passing: boolean;
}

/**
 * Keeps a second Darkroom from the same state: two would run the same generations and write the same databases.
 * @returns releases the folder
 * @throws StartError naming the process that holds it
 */
export async function lockHome(home: string): Promise<() => Promise<void>> {
  const file = fileIn(home);
  // Twice: the first finds what a Darkroom that was killed has left.
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      await writeFile(file, String(process.pid), { flag: 'wx' });
      return () => rm(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = await holderOf(home);
    if (holder) {
      throw new StartError(
        `${home} is in use by process ${holder.pid}. Stop that Darkroom, or set DARKROOM_HOME to another folder. If ` +
          `process ${holder.pid} is no Darkroom, one that was killed has left its mark: remove ${file}`,
      );
    }
    await rm(file, { force: true });
  }
  throw new StartError(`${home} is being taken by another Darkroom at this very moment`);
}

/** Lets others know where the Darkroom of this process, which holds the folder, answers. */
export async function tellAddress(home: string, url: string, passing: boolean): Promise<void> {
  const file = fileIn(home);
  await writeFile(`${file}.new`, [process.pid, url, ...(passing ? ['passing'] : [])].join('\n'));
  await rename(`${file}.new`, file);
}

/** Who holds a folder; null where nobody does, or who did was killed. */
export async function holderOf(home: string): Promise<Holder | null> {
  const [pid, url, passing] = (await readFile(fileIn(home), 'utf8').catch(() => '')).split('\n');
  const holder = Number(pid);
  return isAlive(holder) ? { pid: holder, url: url || null, passing: passing === 'passing' } : null;
}

function fileIn(home: string): string {
  return join(home, 'running');
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
