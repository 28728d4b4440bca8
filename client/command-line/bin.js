#!/usr/bin/env node
/**
 * The `darkroom` command, started by whatever Node there is. The rest of it is TypeScript, which the Node 24 that `npm ci`
 * installs runs as it is: an older one starts that one in its place.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = dirname(fileURLToPath(import.meta.url));
// `npm run darkroom` starts in the project's folder, but files are named from where it was typed.
if (process.env.npm_lifecycle_event === 'darkroom' && process.env.INIT_CWD) process.chdir(process.env.INIT_CWD);

if (Number(process.versions.node.split('.')[0]) >= 24) {
  // What was compiled once needs not be again: half of the time that a small command takes.
  module.enableCompileCache();
  const { main } = await import('./main.ts');
  await main(process.argv.slice(2));
} else {
  const newer = join(folder, '../../node_modules/node/bin/node');
  if (existsSync(newer)) startWith(newer);
  else {
    console.error(
      `darkroom needs Node 24 or newer, and this is ${process.version}. Run "npm ci" in ${join(folder, '../..')}: it brings one along`,
    );
    process.exitCode = 1;
  }
}

/** @param {string} node */
function startWith(node) {
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  // A terminal's Ctrl-C reaches the child by itself; this process waits for what it makes of it.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.once('error', error => {
    console.error(`darkroom: ${node} does not start: ${error.message}`);
    process.exitCode = 1;
  });
  child.once('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1);
  });
}
