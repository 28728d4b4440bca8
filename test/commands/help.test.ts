/** Who asks one of the commands what it does is told, and nothing else happens. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };

/** The commands that are programs of ours; training's help is Python's. */
const commands = Object.entries(scripts).flatMap(([name, script]) => {
  const [, program] = /^(?:exec )?node (\S+\.ts)/.exec(script) ?? [];
  return program === undefined || program === 'scripts/train.ts' ? [] : [{ name, program }];
});

it.each(commands)('npm run $name -- --help', ({ name, program }) => {
  const { status, stdout } = spawnSync(process.execPath, [program, '--help'], { encoding: 'utf8', timeout: 30_000 });
  expect(stdout).toMatch(new RegExp(`^npm (run )?${name}\\b`));
  expect(status).toBe(0);
});
