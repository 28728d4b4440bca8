/** GraphiQL's page. */
import { page } from './page.ts';

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

export function graphiqlPage(request: Request, assets: Fetcher): Promise<Response> {
  return page(request, assets, 'graphiql.html', { 'Content-Security-Policy': policy });
}
