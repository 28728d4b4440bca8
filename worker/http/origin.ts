/** Where a request comes from, as far as a browser says so, and what that entitles it to. */

/**
 * `own`: a page of this server. `listed`: a page of an origin in CORS_ORIGINS. `foreign`: any other page. `none`: no
 * page at all, such as curl or a server.
 */
export type Caller = 'own' | 'listed' | 'foreign' | 'none';

export interface Origins {
  /** This server's own, by every address it is seen at. */
  readonly own: readonly string[];
  readonly listed: readonly string[];
}

export function callerOf(headers: Headers, origins: Origins): Caller {
  const origin = headers.get('origin');
  if (origin !== null) {
    if (origins.own.includes(origin)) return 'own';
    return origins.listed.includes(origin) ? 'listed' : 'foreign';
  }
  // Browsers leave Origin out of simple GETs, but name the relation.
  const site = headers.get('sec-fetch-site');
  return site === 'cross-site' || site === 'same-site' ? 'foreign' : 'none';
}

/**
 * Whether a page that is not ours may have this answered at all. Following a link is fine: the page that it leads to
 * is ours. Addresses with a token are open to who holds the token, but without CORS headers no foreign script reads them.
 */
export function isRefused(caller: Caller, method: string, headers: Headers, isCapability: boolean): boolean {
  if (caller !== 'foreign') return false;
  if (method !== 'GET' && method !== 'HEAD') return true;
  if (isCapability) return false;
  return !(headers.get('sec-fetch-mode') === 'navigate' && headers.get('sec-fetch-dest') === 'document');
}

/** A browser sends a form to anybody, but a header of this kind only after asking. Any of them will do. */
export const preflightHeaders = ['GraphQL-Require-Preflight', 'Apollo-Require-Preflight', 'X-GraphQL-Yoga-CSRF'];

/** What OpenAI's published client says of itself, with every request. */
const clientHeaders = [
  ...[
    'Arch',
    'Helper-Method',
    'Lang',
    'OS',
    'Package-Version',
    'Retry-Count',
    'Runtime',
    'Runtime-Version',
    'Timeout',
  ].map(name => `X-Stainless-${name}`),
  ...['OpenAI-Organization', 'OpenAI-Project', 'User-Agent'],
];

/** What a listed origin's script may send beyond what every script may. */
const allowedHeaders = [
  ...['Content-Type', 'Accept', 'Authorization', 'Idempotency-Key'],
  ...preflightHeaders,
  ...clientHeaders,
].join(', ');

/** The answer to `OPTIONS`; a browser asks before it lets a listed page send JSON. */
export function preflight(caller: Caller): Response {
  const headers = new Headers({ Allow: 'GET, HEAD, POST, OPTIONS' });
  if (caller === 'listed' || caller === 'own') {
    headers.set('Access-Control-Allow-Methods', 'GET, HEAD, POST');
    headers.set('Access-Control-Allow-Headers', allowedHeaders);
    headers.set('Access-Control-Max-Age', '600');
  }
  return new Response(null, { status: caller === 'foreign' ? 403 : 204, headers });
}

/** Adds what lets a listed page read the answer. Nobody's cookies or credentials are ever asked for. */
export function allowReading(answer: Headers, caller: Caller, origin: string | null): void {
  answer.append('Vary', 'Origin');
  if (caller !== 'listed' || origin === null) return;
  answer.set('Access-Control-Allow-Origin', origin);
  answer.set('Access-Control-Expose-Headers', 'ETag, Retry-After, Retry-After-Ms, X-Request-Id, X-Should-Retry');
}
