/** The studio's page, which is the same at every one of its addresses: what it shows is the page's own business. */
import { pagePolicy } from './content-policy.ts';
import { page } from './page.ts';

/** The addresses at which the studio has something to show. */
const views = /^\/(?:g\/[^/]+|search|map|laboratory(?:\/[a-z-]+)?)?$/;

/**
 * At an address that the studio does not have, the page says so, with status 404.
 * @param path as it was asked for
 * @param publicOrigin where pictures and latents are served; null: where the page is
 */
export function studioPage(
  request: Request,
  assets: Fetcher,
  path: string,
  publicOrigin: string | null,
): Promise<Response> {
  return page(
    request,
    assets,
    'studio.html',
    {
      'Content-Security-Policy': pagePolicy(publicOrigin),
      // With the opener policy that every answer has, these give the page threads for WebAssembly.
      'Cross-Origin-Embedder-Policy': 'require-corp',
    },
    views.test(path) ? 200 : 404,
  );
}

/** Programs that ask for `/` are told where to go on. */
export function signpost(request: Request, origin: string): Response {
  const body = { name: 'Darkroom', studio: `${origin}/`, graphql: `${origin}/graphql`, health: `${origin}/health` };
  const answer = Response.json(body, { headers: { Vary: 'Accept' } });
  return request.method === 'HEAD' ? new Response(null, answer) : answer;
}
