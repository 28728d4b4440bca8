/** The two pages for people: GraphiQL and the studio. */

/** Whether a request is a browser's that wants a page. */
export function wantsPage(request: Request): boolean {
  return /\btext\/html\b/.test(request.headers.get('accept') ?? '') && ['GET', 'HEAD'].includes(request.method);
}

/**
 * A page from the static assets; it is asked for anew every time, for its name carries no digest.
 * @param file its name there
 * @param headers beside what every page has; a Content-Security-Policy must be among them
 */
export async function page(
  request: Request,
  assets: Fetcher,
  file: string,
  headers: Readonly<Record<string, string>>,
  status = 200,
): Promise<Response> {
  const found = await assets.fetch(`http://assets/${file}`);
  if (!found.ok) throw new Error(`${file} is not built: npm run build`);
  return new Response(request.method === 'HEAD' ? null : found.body, {
    status,
    headers: { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-cache', Vary: 'Accept', ...headers },
  });
}
