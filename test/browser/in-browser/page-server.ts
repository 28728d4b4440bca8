/** The page, built as a developer would build it, and served with as strict a policy as it can do with. */

import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { build } from 'vite';

const root = import.meta.dirname;
const runtime = join(root, '../../../node_modules/onnxruntime-web/dist');
const conditions = ['onnxruntime-web-use-extern-wasm', 'module', 'browser', 'production', 'import', 'default'];

export interface PageServer {
  readonly url: string;
  /** Lets the page ask this server, and no other. */
  allow(origin: string): void;
  close(): Promise<void>;
}

/** @param isolated whether the page is isolated from other origins: then WASM has threads */
export async function servePage(isolated = true): Promise<PageServer> {
  const files = await pageFiles();
  let allowed = '';
  const server = createServer(async (request, response) => {
    const path = (request.url ?? '/').replace(/\?.*/, '');
    const name = path === '/' ? 'page.html' : path.slice(1);
    const found = /^ort\/[\w.-]+$/.test(name)
      ? await readFile(join(runtime, name.slice(4))).catch(() => undefined)
      : files[name];
    if (found === undefined) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, {
      'content-type': typeOf(name),
      'content-security-policy': `default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self' ${allowed}`,
      ...(isolated && {
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-embedder-policy': 'require-corp',
        'cross-origin-resource-policy': 'same-origin',
      }),
    });
    response.end(found);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    allow(origin) {
      allowed = origin;
    },
    close: () => closed(server),
  };
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise(resolve => server.close(() => resolve()));
}

async function pageFiles(): Promise<Record<string, string | Uint8Array>> {
  const result = await build({
    root,
    base: '/',
    configFile: false,
    envDir: false,
    logLevel: 'warn',
    resolve: { conditions },
    worker: { format: 'es' },
    build: {
      target: 'es2023',
      write: false,
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      rolldownOptions: { input: join(root, 'page.html') },
    },
  });
  if (!('output' in result)) throw new Error('Vite has answered with no single build');
  return Object.fromEntries(
    result.output.map(file => [file.fileName, file.type === 'chunk' ? file.code : file.source]),
  );
}

function typeOf(name: string): string {
  if (name.endsWith('.html')) return 'text/html; charset=utf-8';
  return name.endsWith('.wasm') ? 'application/wasm' : 'text/javascript; charset=utf-8';
}
