import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartError } from './options.ts';
import { type ProcessMark, processMark, runningPid } from './process-mark.ts';

/** The process that works with a folder's state. */
export interface Holder {
  readonly pid: number;
  /** Where it answers; null while it starts. */
  readonly url: string | null;
  /** Whether it ends together with the command that started it. */
  readonly passing: boolean;
}

/** How often it is tried to clear away what a killed Darkroom has left, while another one does so, and the pause, in milliseconds. */
const attempts = 20;
const pauseMs = 25;

/**
 * Keeps a second Darkroom from the same state: two would run the same generations and write the same databases.
 * @returns releases the folder
 * @throws StartError naming the process that holds it
 */
export async function lockHome(home: string): Promise<() => Promise<void>> {
  const file = fileIn(home);
  const clearing = `${file}.clearing`;
  const mark = await processMark(process.pid);
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (await take(file, mark)) return () => rm(file, { force: true });
    const found = await contentOf(file);
    // Released just now.
    if (found === null) continue;
    const holder = await holderIn(found);
    if (holder) {
      throw new StartError(
        `${home} is in use by process ${holder.pid}. Stop that Darkroom, or set DARKROOM_HOME to another folder. If ` +
          `process ${holder.pid} is no Darkroom, one that was killed has left its mark: remove ${file}`,
      );
    }
    // Only one at a time clears away, and only what it has seen: what another one has put there since stays.
    if (await create(clearing, mark)) {
      try {
        if ((await contentOf(file)) === found) await rm(file, { force: true });
      } finally {
        await rm(clearing, { force: true });
      }
    } else await sleep(pauseMs);
  }
  throw new StartError(
    `${home} is being taken by another Darkroom at this very moment. If that stays so, remove ${clearing}`,
  );
}

/** Lets others know where the Darkroom of this process, which holds the folder, answers. */
export async function tellAddress(home: string, url: string, passing: boolean): Promise<void> {
  const file = fileIn(home);
  const mark = await processMark(process.pid);
  await writeFile(`${file}.new`, [mark, url, ...(passing ? ['passing'] : [])].join('\n'));
  await rename(`${file}.new`, file);
}

/** Who holds a folder; null where nobody does, or who did was killed. */
export async function holderOf(home: string): Promise<Holder | null> {
  return holderIn(await contentOf(fileIn(home)));
}

async function holderIn(content: string | null): Promise<Holder | null> {
  const [mark = '', url, passing] = (content ?? '').split('\n');
  const pid = await runningPid(mark);
  return pid === null ? null : { pid, url: url || null, passing: passing === 'passing' };
}

/** At once with what it says, so that nobody finds it empty. @returns whether it is this process that has it now */
async function take(file: string, mark: ProcessMark): Promise<boolean> {
  // A name of nobody else's: in two containers with one folder, processes may have the same number.
  const own = `${file}.${randomUUID()}`;
  await writeFile(own, mark);
  try {
    await link(own, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    await rm(own, { force: true });
  }
}

/** @returns whether there was none */
async function create(file: string, content: string): Promise<boolean> {
  try {
    await writeFile(file, content, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}

/** Null where there is no such file. */
function contentOf(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch(() => null);
}

function fileIn(home: string): string {
  return join(home, 'running');
}
