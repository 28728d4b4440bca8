import { spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'darkroom-orphans-'));
const workerd = join(folder, 'workerd');
afterAll(() => rmSync(folder, { recursive: true }));

/** A process whose child dies, and another takes its place. It tells the ids of both. */
const program = `
  import { spawn } from 'node:child_process';
  import { setTimeout as sleep } from 'node:timers/promises';
  import { endNewWorkerds } from ${JSON.stringify(fileURLToPath(new URL('orphans.ts', import.meta.url)))};
  const start = () => spawn(${JSON.stringify(workerd)}, ['600'], { stdio: 'ignore' });
  const first = start();
  await sleep(200);
  await endNewWorkerds([], 50);
  first.kill('SIGKILL');
  const second = start();
  await sleep(1_000);
  console.log(second.pid);
  setInterval(() => {}, 1_000);
`;

it('ends also what has taken the place of one that died', { timeout: 30_000 }, async () => {
  copyFileSync('/bin/sleep', workerd);
  const owner = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await createInterface(owner.stdout)
    [Symbol.asyncIterator]()
    .next()
    .then(({ value }) => [String(value)]);
  const pid = Number(line);
  expect(isAlive(pid)).toBe(true);
  owner.kill('SIGKILL');
  for (let tries = 0; tries < 100 && isAlive(pid); tries++) await sleep(50);
  expect(isAlive(pid)).toBe(false);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
