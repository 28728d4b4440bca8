import { InputError } from '../../schema/errors.ts';
import { BodyTooLarge, readBounded } from '../http/body-limit.ts';
import { Unanswerable } from './fault.ts';

/** Ten times the longest prompt in any script. No picture is sent this way. */
const mostBytes = 256_000;

/** The object that a request's body is. @throws Unanswerable, InputError */
export async function readJsonBody(request: Request): Promise<Readonly<Record<string, unknown>>> {
  const type = (request.headers.get('content-type') ?? '').split(';')[0]!.trim().toLowerCase();
  if (type !== 'application/json') {
    throw new Unanswerable(415, 'INPUT_INVALID', 'Send JSON, with Content-Type: application/json');
  }
  if (request.headers.get('content-encoding') ?? false) {
    throw new Unanswerable(415, 'INPUT_INVALID', 'Send the body as it is, without Content-Encoding');
  }
  const body = parsed(await bytesOf(request));
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new InputError([{ path: [], message: 'The body is JSON, but no object' }]);
  }
  return body as Record<string, unknown>;
}

async function bytesOf(request: Request): Promise<Uint8Array> {
  try {
    return await readBounded(request, mostBytes);
  } catch (error) {
    if (!(error instanceof BodyTooLarge)) throw error;
    throw new Unanswerable(413, 'INPUT_INVALID', `The body is larger than ${mostBytes} bytes`);
  }
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes));
  } catch {
    throw new Unanswerable(400, 'INPUT_INVALID', 'The body is not JSON in UTF-8');
  }
}
