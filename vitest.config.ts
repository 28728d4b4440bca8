import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { defineConfig, type Plugin } from 'vitest/config';

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

export default defineConfig({
  plugins: [binaryModules],
  // Packages in node_modules load graphql's CommonJS build; ours must be the same instance.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['{models,wire,schema,worker,gpu-backend,client,scripts,test}/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Two cores: more files at once only make the model sessions fight over them.
    maxWorkers: 2,
    // V8 of Node 24.9 may die while it replaces what stands between WebAssembly (fetch's parser) and JavaScript, once in
    // dozens of runs of everything: `Check failed: jit_page.has_value()`. Nothing here calls so often that it would matter.
    execArgv: ['--wasm-wrapper-tiering-budget=2000000000'],
  },
});
