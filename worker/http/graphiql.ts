/** GraphiQL's page and the two files it loads, from the static assets. */

/** No inline script; Monaco sets styles of its own and starts its workers from blobs. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  'worker-src blob:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const types: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
};

/** Whether a request is a browser's that wants a page. */
export function wantsPage(request: Request): boolean {
  return /\btext\/html\b/.test(request.headers.get('accept') ?? '') && ['GET', 'HEAD'].includes(request.method);
}

export async function graphiqlPage(request: Request, assets: Fetcher): Promise<Response> {
  const page = await assets.fetch('http://assets/graphiql.html');
  if (!page.ok) return new Response('GraphiQL is not built', { status: 404 });
  return new Response(request.method === 'HEAD' ? null : page.body, {
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': policy,
      'Cache-Control': 'no-cache',
      Vary: 'Accept',
    },
  });
}

/** @param name a file's name; program and styles carry their digest in it */
export async function graphiqlAsset(request: Request, assets: Fetcher, name: string): Promise<Response | null> {
  const [, extension] = /^graphiql-[0-9a-f]{16}\.(js|css)$/.exec(name) ?? [];
  if (extension === undefined) return null;
  const file = await assets.fetch(`http://assets/${name}`);
  if (!file.ok) return null;
  return new Response(request.method === 'HEAD' ? null : file.body, {
    headers: { 'Content-Type': types[extension]!, 'Cache-Control': 'public, max-age=31536000, immutable' },
  });
}
