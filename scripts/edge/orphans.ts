/**
 * workerd is a child of this process but does not notice when its parent dies: it would go on serving, hold the port
 * and keep the state open. A shell that costs next to nothing waits for our end, by a pipe that only we hold.
 */
import { execFile, spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** The workerd processes that this process has started and that still run. */
export async function workerds(): Promise<number[]> {
  const processes = process.platform === 'linux' ? await fromProc() : await fromPs();
  return processes
    .filter(({ parent, command }) => parent === process.pid && /workerd/.test(command))
    .map(({ pid }) => pid);
}

/** How soon one is known that has taken the place of one that died. */
const everyMs = 2_000;

/**
 * Ends the workerd processes that have come since `others` were all when this one has died without ending them: those that
 * are there, and those that Miniflare starts in the place of one that dies.
 * @returns lets go of them, as `endWithUs`
 */
export async function endNewWorkerds(others: readonly number[], lookEveryMs = everyMs): Promise<() => void> {
  let guarded: number[] = [];
  let letGo = () => {};
  let isOver = false;
  const look = async () => {
    const own = (await workerds()).filter(pid => !others.includes(pid));
    if (isOver || own.join() === guarded.join()) return;
    letGo();
    guarded = own;
    letGo = endWithUs(own);
  };
  await look();
  // One that cannot be seen now may be seen the next time.
  const timer = setInterval(() => void look().catch(() => {}), lookEveryMs);
  timer.unref();
  return () => {
    isOver = true;
    clearInterval(timer);
    letGo();
  };
}

/**
 * Ends the processes when this one has died without ending them.
 * @returns lets go of them: to be called before they end, for their ids may then become others'
 */
export function endWithUs(pids: readonly number[]): () => void {
  if (pids.length === 0 || process.platform === 'win32') return () => {};
  // Ctrl-C in a terminal reaches a whole process group: the shell must outlive us, so it has one of its own.
  const guard = spawn('sh', ['-c', 'read _; kill -9 "$@"', 'sh', ...pids.map(String)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  // Without a shell there is no guard, and nothing else is worse for it.
  guard.on('error', () => {});
  guard.stdin.on('error', () => {});
  guard.unref();
  // biome-ignore lint/suspicious/noExplicitAny: a pipe is a socket, which can be unreferenced; its type does not say so.
  (guard.stdin as any).unref?.();
  return () => guard.kill('SIGKILL');
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** `/proc/PID/stat` begins with `PID (command) state parent`. */
async function fromProc(): Promise<Process[]> {
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name));
  const stats = await Promise.all(pids.map(pid => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')));
  return stats.flatMap(stat => {
    const [, pid, command, parent] = /^(\d+) \((.*)\) \S (\d+) /s.exec(stat) ?? [];
    return pid === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), command: command! }];
  });
}

async function fromPs(): Promise<Process[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,comm=']).catch(() => ({ stdout: '' }));
  return stdout.split('\n').flatMap(line => {
    const [, pid, parent, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return pid === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), command: command! }];
  });
}
