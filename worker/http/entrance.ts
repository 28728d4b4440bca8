/** What every request passes before it is routed, and every answer before it leaves. */
import type { Configuration } from '../configuration.ts';
import { restInterfaceOf } from '../rest/interfaces.ts';
import { answerWhileDraining } from './drain.ts';
import { isKnownHost, unknownHost } from './host.ts';
import { allowReading, callerOf, isRefused, preflight } from './origin.ts';
import { refuse } from './refusal.ts';
import { isCapability } from './routes.ts';
import { secure } from './security-headers.ts';
import { logUnexpected, unexpectedResponse } from './unexpected.ts';

/**
 * Answers a request, whatever happens.
 * @param answer given the address and the origin as the caller sees them
 */
export async function enter(
  request: Request,
  configuration: Configuration,
  answer: (url: URL, origin: string) => Promise<Response>,
): Promise<Response> {
  // The address is made of the Host header: what is not checked first may not even be an address.
  const url = URL.canParse(request.url) ? new URL(request.url) : null;
  const host = request.headers.get('host') ?? url?.host ?? null;
  if (!isKnownHost(host, configuration)) return finished(request, forbid(421, unknownHost(host), url));
  if (url === null) return finished(request, refuse(400, 'INPUT_INVALID', 'The address of the request cannot be read'));
  const publicOrigin = configuration.publicUrl?.origin;
  const origins = {
    own: publicOrigin === undefined ? [url.origin] : [url.origin, publicOrigin],
    listed: configuration.corsOrigins,
  };
  const caller = callerOf(request.headers, origins);
  const response = await (async () => {
    if (request.method === 'OPTIONS') return preflight(caller);
    if (isRefused(caller, request.method, request.headers, isCapability(url.pathname))) {
      return forbid(403, 'Pages of this origin may not ask: see CORS_ORIGINS', url);
    }
    try {
      return await answer(url, publicOrigin ?? url.origin);
    } catch (error) {
      return unexpectedResponse(logUnexpected(error, url.pathname));
    }
  })();
  return finished(request, response, headers => allowReading(headers, caller, request.headers.get('origin')));
}

/** In the words of the interface that was asked. */
function forbid(status: number, message: string, url: URL | null): Response {
  const code = 'FORBIDDEN';
  const rest = url && restInterfaceOf(url.pathname);
  return rest
    ? rest.error({ status, code, message, issues: [], retryAfterMs: null, retryable: false })
    : refuse(status, code, message);
}

function finished(request: Request, response: Response, more: (headers: Headers) => void = () => {}): Response {
  // Answers of a binding have headers that cannot be changed.
  const headers = new Headers(response.headers);
  secure(headers);
  more(headers);
  const answer = new Response(response.body, { status: response.status, headers });
  // Whoever refuses has not read the body, or not all of it.
  return response.status >= 400 && !request.body?.locked ? answerWhileDraining(answer, request.body) : answer;
}
