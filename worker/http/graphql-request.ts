/** What must hold of a request to `/graphql` before GraphQL sees it. */
import { BodyTooLarge, maxJsonBytes, maxMultipartBytes, readBounded } from './body-limit.ts';
import { preflightHeaders } from './origin.ts';
import { refuse } from './refusal.ts';

/** The request with its body read and bounded, or the refusal. */
export async function admitGraphql(request: Request): Promise<Request | Response> {
  if (request.method === 'GET') return request;
  if (request.method !== 'POST') {
    return refuse(405, 'INPUT_INVALID', 'Ask with GET or POST', { Allow: 'GET, POST, OPTIONS' });
  }
  const type = (request.headers.get('content-type') ?? '').split(';')[0]!.trim().toLowerCase();
  // Types that any page's form can send never reach GraphQL: a mutation always needs more than a simple request.
  if (type !== 'application/json' && type !== 'multipart/form-data') {
    const given = type === '' ? 'no Content-Type' : `the Content-Type ${type.slice(0, 100)}`;
    return refuse(415, 'INPUT_INVALID', `The request has ${given}: expected Content-Type: application/json`, {
      'Accept-Post': 'application/json, multipart/form-data',
    });
  }
  if (request.headers.get('content-encoding') ?? false) {
    return refuse(415, 'INPUT_INVALID', 'Send the body as it is, without Content-Encoding');
  }
  const multipart = type === 'multipart/form-data';
  if (multipart && !preflightHeaders.some(name => request.headers.has(name))) {
    return refuse(400, 'INPUT_INVALID', 'A multipart request needs the header GraphQL-Require-Preflight: 1');
  }
  try {
    const body = await readBounded(request, multipart ? maxMultipartBytes : maxJsonBytes);
    return new Request(request.url, { method: 'POST', headers: request.headers, body, signal: request.signal });
  } catch (error) {
    if (error instanceof BodyTooLarge) return refuse(413, 'INPUT_INVALID', error.message);
    throw error;
  }
}
