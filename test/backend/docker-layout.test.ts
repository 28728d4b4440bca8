/**
 * An image cannot be built where there is no Docker, but what would be in it can: everything the Dockerfile copies is
 * laid out alone in an empty folder, installed with the Dockerfile's own commands and started with its CMD.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { type BackendProcess, root, startBackendProcess } from './backend-process.ts';
import { copy, readCommand, readDockerfile, readEnvironment } from './dockerfile.ts';

const instructions = readDockerfile(join(root, 'gpu-backend/Dockerfile'));
const layout = mkdtempSync(join(tmpdir(), 'darkroom-image-'));
let backend: BackendProcess | null = null;

afterAll(async () => {
  backend?.child.kill('SIGKILL');
  await backend?.ended;
  rmSync(layout, { recursive: true, force: true });
});

it('is slim, not run as root, and watched', () => {
  const value = (name: string) => instructions.findLast(instruction => instruction.name === name)?.value;
  expect(value('FROM')).toMatch(/^node:\d+\.\d+\.\d+-slim$/);
  expect(value('USER')).toMatch(/^(?!root|0)/);
  expect(value('HEALTHCHECK')).toContain('/health');
  expect(readEnvironment(instructions)).not.toHaveProperty('DARKROOM_BACKEND_SECRET');
});

it('runs and names the very versions that are tested here', () => {
  const packageOf = (file: string) =>
    JSON.parse(readFileSync(join(root, file), 'utf8')) as { dependencies: Record<string, string> };
  const here = packageOf('package.json').dependencies;
  const from = instructions.filter(({ name }) => name === 'FROM').map(({ value }) => value);
  expect(from).toEqual([`node:${here.node}-slim`]);
  const { dependencies } = packageOf('gpu-backend/package.json');
  expect(here).toMatchObject(dependencies);
  expect(Object.keys(dependencies)).toContain('onnxruntime-node');
});

it('installs the very packages that are tested here', () => {
  const packages = (file: string) =>
    JSON.parse(readFileSync(join(root, file), 'utf8')).packages as Record<
      string,
      { version: string; integrity: string }
    >;
  const here = packages('package-lock.json');
  for (const [name, { version, integrity }] of Object.entries(packages('gpu-backend/package-lock.json'))) {
    if (name === '') continue;
    expect(here[name], name).toMatchObject({ version, integrity });
  }
});

it('laid out alone, it installs, starts and becomes ready', { timeout: 180_000 }, async () => {
  const environment = readEnvironment(instructions);
  // npm's own configuration (registry, cache) stays; that this may be a script of the repository's package does not.
  const inherited = Object.entries(process.env).filter(([name]) => !/^npm_(package|lifecycle|config_local)/.test(name));
  const env = {
    ...Object.fromEntries(inherited),
    ...environment,
    // The node that runs this test is the image's: same version, found first.
    PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
    npm_config_prefer_offline: 'true',
  };
  let directory = layout;
  for (const { name, value } of instructions) {
    if (name === 'WORKDIR') directory = join(layout, value);
    if (name === 'COPY') copy(root, value, directory);
    if (name === 'RUN') {
      mkdirSync(directory, { recursive: true });
      execFileSync('sh', ['-c', value], { cwd: directory, env, stdio: 'pipe' });
    }
  }
  expect(readdirSync(directory).sort()).toEqual([
    'gpu-backend',
    'models',
    'node_modules',
    'package-lock.json',
    'package.json',
    'wire',
  ]);
  expect(readdirSync(join(directory, 'models'))).not.toContain('training');

  const [program, ...parameters] = readCommand(instructions, 'CMD');
  expect(program).toBe('node');
  const secret = 'a secret for an image that is not one';
  backend = startBackendProcess(
    // Tests listen on the loopback only, and on a port of their own.
    { ...environment, HOST: '127.0.0.1', PORT: '0', DARKROOM_BACKEND_SECRET: secret },
    { command: [process.execPath, ...parameters], cwd: directory },
  );
  const readiness = await backend.ready();
  expect(readiness.checkpoints).toMatchObject([{ name: 'shipped', digest: expect.stringMatching(/^[0-9a-f]{64}$/) }]);

  const [, ...check] = readCommand(instructions, 'HEALTHCHECK');
  execFileSync(process.execPath, check, { env: { PORT: String(await backend.port()) } });
  expect(() => execFileSync(process.execPath, check, { env: { PORT: '1' }, stdio: 'pipe' })).toThrow();
});
