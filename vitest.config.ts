import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { defineConfig, type Plugin } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Imports of .wasm files are compiled modules and those of .woff files bytes, as on Workers. */
const binaryModules: Plugin = {
  name: 'binary-modules',
  enforce: 'pre',
  // Under a name that tells of no package: what is a package's, vitest leaves to Node.
  resolveId: source => (/\.(wasm|woff)$/.test(source) ? `\0binary:${Buffer.from(source).toString('hex')}` : null),
  async load(id) {
    const [, hex] = /^\0binary:([0-9a-f]+)$/.exec(id) ?? [];
    if (hex === undefined) return null;
    const source = Buffer.from(hex, 'hex').toString();
    const file = await readFile(createRequire(import.meta.url).resolve(source));
    const bytes = `Uint8Array.from(Buffer.from('${file.toString('base64')}', 'base64'))`;
    return `export default ${source.endsWith('.wasm') ? `new WebAssembly.Module(${bytes})` : `${bytes}.buffer`};`;
  },
};

/** What crosses rooms takes longest, and is not to be what everybody waits for in the end. */
class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isSlow = ({ moduleId }: TestSpecification) => /\/test\/(end-to-end|faults|start)\//.test(moduleId);
    const sorted = await super.sort(files);
    return [...sorted.filter(isSlow), ...sorted.filter(file => !isSlow(file))];
  }
}

export default defineConfig({
  plugins: [binaryModules],
  // Packages in node_modules load graphql's CommonJS build; ours must be the same instance.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    projects: [
      // What only computes leaves nothing behind for the next file: one worker for many of them.
      { extends: true, test: { name: 'pure', include: ['{models,wire,schema}/**/*.test.ts'], isolate: false } },
      {
        extends: true,
        test: {
          name: 'whole',
          include: ['{worker,gpu-backend,client,scripts,test}/**/*.test.ts'],
          exclude: ['test/browser/**'],
        },
      },
      // A browser that shares two cores with other tests stands still for longer than anybody waits for a page: after the
      // others, and one at a time.
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
    ],
    sequence: { sequencer: SlowFirst },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Two cores: more files at once only make the model sessions fight over them.
    maxWorkers: 2,
    // On a machine that others use, too, a test may once not get the time that it waits for; what fails twice, fails.
    retry: process.env.CI ? 1 : 0,
    // V8 of Node 24.9 may die while it replaces what stands between WebAssembly (fetch's parser) and JavaScript, once in
    // dozens of runs of everything: `Check failed: jit_page.has_value()`. Nothing here calls so often that it would matter.
    execArgv: ['--wasm-wrapper-tiering-budget=2000000000'],
  },
});
