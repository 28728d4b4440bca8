/** The studio as static files: its page, and what that loads, under names that carry their digest. */
import { join } from 'node:path';
import { build, type InlineConfig } from 'vite';

const root = join(import.meta.dirname, '../../client/studio');

/** The name of the page among the files. */
export const studioPage = 'studio.html';

const config: InlineConfig = {
  root,
  base: '/assets/',
  configFile: false,
  envDir: false,
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  // Chunks of the models are shared with nobody outside of their worker.
  worker: {
    format: 'es',
    rolldownOptions: {
      output: {
        entryFileNames: '[name]-[hash].js',
        chunkFileNames: '[name]-[hash].js',
        assetFileNames: '[name]-[hash][extname]',
      },
    },
  },
  build: {
    target: 'es2023',
    // Whatever is inlined would need a policy that allows it.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    write: false,
    rolldownOptions: {
      input: join(root, studioPage),
      output: {
        entryFileNames: 'studio-[hash].js',
        chunkFileNames: '[name]-[hash].js',
        assetFileNames: '[name]-[hash][extname]',
      },
    },
  },
};

/** The files by name. @throws Error with Vite's words when it does not build */
export async function studioFiles(): Promise<Record<string, string | Uint8Array>> {
  const result = await build(config);
  if (!('output' in result)) throw new Error('Vite has answered with no single build');
  return Object.fromEntries(
    result.output.map(file => [file.fileName, file.type === 'chunk' ? file.code : file.source]),
  );
}
