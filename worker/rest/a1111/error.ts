/**
 * Errors as AUTOMATIC1111's web UI has them: `detail` is a text, or, of values that cannot be used, a list with the place
 * of each (FastAPI's), and the status is 422 then.
 */
import { type Fault, retryHeaders } from '../fault.ts';

export function a1111ErrorResponse(fault: Fault, headers: Readonly<Record<string, string>> = {}): Response {
  const { code, message, issues, status } = fault;
  const isInvalid = status === 400 && issues.length > 0;
  const detail = isInvalid
    ? issues.map(({ field, message }) => ({ loc: ['body', ...field.split('.')], msg: message, type: 'value_error' }))
    : message;
  return Response.json(
    { error: code, detail, body: '', errors: message },
    { status: isInvalid ? 422 : status, headers: { ...headers, ...retryHeaders(fault) } },
  );
}
