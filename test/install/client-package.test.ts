/** The published SDK, as who installs it has it: types under every resolution, Node, and what it weighs. */
import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type InstalledClient, installClient } from './installed-client.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const tsc = join(root, 'node_modules/typescript/bin/tsc');
/** What the client may weigh in a page, minified and compressed, in bytes. */
const most = 10_000;

let client: InstalledClient;
beforeAll(async () => {
  client = await installClient();
});
afterAll(() => client?.remove());

const program = `
import { Darkroom, type Generation, isDarkroomError, type Result } from 'darkroom-client';

export async function make(prompt: string): Promise<string | undefined> {
  const darkroom = new Darkroom({ url: 'http://127.0.0.1:1', patienceMs: 0 });
  const handle = darkroom.generate({ prompt, seed: 2n ** 40n, scheduler: 'DDIM', start: { from: { image: new Blob() } } });
  for await (const { progress, preview } of handle) console.log(progress.fraction.toFixed(2), preview?.dataUri);
  const result: Result<Generation> = await handle.result();
  if (result.ok) return result.value.images[0]?.latent?.key;
  const { error } = result;
  if (error.kind === 'prompt') return error.report.unknownWords[0]?.suggestions.join();
  if (error.kind === 'retry-later') return String(error.retryAfterMs + 1);
  // @ts-expect-error: a refusal for good has no such time
  error.retryAfterMs;
  return isDarkroomError(error) ? error.message : undefined;
}
// @ts-expect-error: a prompt is a text
void make(1);
// @ts-expect-error: there is no such scheduler
void new Darkroom().generate({ prompt: 'a', scheduler: 'MAGIC' });
`;

/** What the compiler says of a file. */
async function complaints(module: string, resolution: string, lib: string, file: string): Promise<string> {
  const options = ['--strict', '--noEmit', '--target', 'es2022', '--types', '', '--exactOptionalPropertyTypes'];
  const of = ['--lib', lib, '--module', module, '--moduleResolution', resolution, file];
  const said = await run(process.execPath, [tsc, ...options, ...of], { cwd: client.folder }).catch(
    (error: { stdout: string }) => error,
  );
  return said.stdout;
}

it.each([
  ['nodenext', 'nodenext', 'es2023,dom,dom.iterable,dom.asynciterable'],
  ['esnext', 'bundler', 'es2022,dom'],
])('its types hold, module %s, resolution %s', async (module, resolution, lib) => {
  const file = `${resolution}.ts`;
  await writeFile(join(client.folder, file), program);
  expect(await complaints(module, resolution, lib, file)).toBe('');
});

it.each(['client/sdk/README.md', 'docs/client.md'])('the examples of %s hold', async name => {
  const blocks = [...(await readFile(join(root, name), 'utf8')).matchAll(/^```ts\n([\s\S]*?)^```$/gm)];
  expect(blocks.length).toBeGreaterThan(1);
  const functions = blocks.map(([, block], i) => {
    const body = block!.replaceAll(/^import .*$/gm, '');
    const given = /const darkroom\b/.test(body) ? 'file: Blob' : 'file: Blob, darkroom: Darkroom';
    return `export async function example${i}(${given}) {\n${body}\n}`;
  });
  const file = `${name.replaceAll(/[^a-z]/gi, '-')}.ts`;
  await writeFile(join(client.folder, file), `import { Darkroom } from 'darkroom-client';\n${functions.join('\n')}`);
  expect(await complaints('nodenext', 'nodenext', 'es2023,dom,dom.iterable,dom.asynciterable', file)).toBe('');
});

it('runs in Node, and brings no more than it says', async () => {
  await writeFile(
    join(client.folder, 'run.js'),
    `import { Darkroom, isDarkroomError } from 'darkroom-client';
     import * as oneFile from 'darkroom-client/darkroom.js';
     const result = await new Darkroom({ url: 'http://127.0.0.1:9', patienceMs: 0 }).generate({ prompt: 'a' }).result();
     console.log(isDarkroomError(result.error), result.error.kind, Object.keys(oneFile).length > 5);`,
  );
  const { stdout } = await run(process.execPath, ['run.js'], { cwd: client.folder });
  expect(stdout).toBe('true connection true\n');
  expect(await readdir(join(client.folder, 'node_modules'))).toEqual([
    '.package-lock.json',
    'darkroom-client',
    'eventsource-parser',
  ]);
  const { dependencies } = JSON.parse(await readFile(join(client.built, 'package.json'), 'utf8'));
  expect(Object.keys(dependencies)).toEqual(['eventsource-parser']);
});

it(`weighs less than ${most} bytes in a page, with all of its methods`, async () => {
  await writeFile(join(client.folder, 'page.js'), "export { Darkroom, isDarkroomError } from 'darkroom-client';");
  const [output] = (await build({
    root: client.folder,
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      lib: { entry: 'page.js', formats: ['es'] },
      rolldownOptions: { output: { minify: true } },
    },
  })) as { output: { code: string }[] }[];
  const { code } = output!.output[0]!;
  expect(output!.output).toHaveLength(1);
  expect(code).not.toMatch(/GraphQLError|onnx|InferenceSession/i);
  const [bundled, oneFile] = [code, await readFile(join(client.built, 'darkroom.js'))].map(
    text => gzipSync(text, { level: 9 }).byteLength,
  );
  expect(bundled).toBeLessThan(most);
  expect(oneFile).toBeLessThan(most);
});

it('has every entry that it names, with types, and loads each without what is optional', async () => {
  const { exports } = JSON.parse(await readFile(join(client.built, 'package.json'), 'utf8')) as {
    exports: Record<string, string | Record<string, string>>;
  };
  for (const [name, entry] of Object.entries(exports)) {
    if (typeof entry !== 'string') {
      const load = `await import(${JSON.stringify(join('darkroom-client', name))})`;
      await run(process.execPath, ['--input-type=module', '-e', load], { cwd: client.folder });
    }
    for (const file of typeof entry === 'string' ? [entry] : Object.values(entry)) {
      await expect(readFile(join(client.folder, 'node_modules/darkroom-client', file))).resolves.toBeDefined();
    }
  }
});
