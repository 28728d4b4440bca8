import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { defineConfig, type Plugin } from 'vitest/config';

/** Imports of .wasm files are compiled modules, as on Workers. */
const compiledWasm: Plugin = {
  name: 'compiled-wasm',
  enforce: 'pre',
  // Under a name that tells of no package: what is a package's, vitest leaves to Node.
  resolveId: source => (source.endsWith('.wasm') ? `\0compiled:${Buffer.from(source).toString('hex')}` : null),
  async load(id) {
    const [, source] = /^\0compiled:([0-9a-f]+)$/.exec(id) ?? [];
    if (source === undefined) return null;
    const wasm = await readFile(createRequire(import.meta.url).resolve(Buffer.from(source, 'hex').toString()));
    return `export default new WebAssembly.Module(Buffer.from('${wasm.toString('base64')}', 'base64'));`;
  },
};

export default defineConfig({
  plugins: [compiledWasm],
  // Packages in node_modules load graphql's CommonJS build; ours must be the same instance.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['{models,wire,schema,worker,gpu-backend,client,scripts,test}/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Two cores: more files at once only make the model sessions fight over them.
    maxWorkers: 2,
  },
});
