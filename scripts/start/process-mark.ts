/** Tells a process from a later one that has got its number: in a container, numbers come again at every start. */
import { readFile } from 'node:fs/promises';

/** A process's number and, where the system tells it, when it began: `123 45678`, or `123`. */
export type ProcessMark = string;

export async function processMark(pid: number): Promise<ProcessMark> {
  return [pid, await beginOf(pid)].filter(Boolean).join(' ');
}

/** @returns the number of the process that a mark stands for; null where that one has ended, or it is no mark */
export async function runningPid(mark: ProcessMark): Promise<number | null> {
  const [number, begin] = mark.split(' ');
  const pid = Number(number);
  if (!isAlive(pid)) return null;
  const now = await beginOf(pid);
  // One's own number without a begin to compare is that of a predecessor in a container.
  const same = begin && now ? begin === now : pid !== process.pid;
  return same ? pid : null;
}

/** Field 22 of proc_pid_stat(5), the start in clock ticks since the system's; null where there is no /proc. */
async function beginOf(pid: number): Promise<string | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (stat === null) return null;
  // The second field is the program's name in parentheses, which may have any of them itself.
  const [begin = null] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(22 - 3);
  return begin;
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid < 1) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is a process too.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
