/** What the pages load, from the static assets. Every name carries its digest: it may be kept for ever. */
import { scriptPolicy } from './content-policy.ts';

const types: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  mjs: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  wasm: 'application/wasm',
  woff2: 'font/woff2',
  svg: 'image/svg+xml',
};

/**
 * @param name a file's name, without a folder
 * @param publicOrigin where pictures and latents are served; null: where the page is
 * @returns null where there is none, and for a page
 */
export async function asset(
  request: Request,
  assets: Fetcher,
  name: string,
  publicOrigin: string | null,
): Promise<Response | null> {
  const [, extension] = /^[\w.-]+\.([a-z0-9]+)$/.exec(name) ?? [];
  const type = extension === undefined ? undefined : types[extension];
  if (type === undefined) return null;
  const file = await assets.fetch(`http://assets/${name}`);
  if (!file.ok) return null;
  const headers = new Headers({
    'Content-Type': type,
    'Cache-Control': 'public, max-age=31536000, immutable',
    // A worker of an isolated page is refused without it.
    'Cross-Origin-Embedder-Policy': 'require-corp',
  });
  if (extension === 'js' || extension === 'mjs') headers.set('Content-Security-Policy', scriptPolicy(publicOrigin));
  const length = file.headers.get('content-length');
  if (length !== null) headers.set('Content-Length', length);
  return new Response(request.method === 'HEAD' ? null : file.body, { headers });
}
