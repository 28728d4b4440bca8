import type { ErrorCode } from '../../schema/context.ts';

/** An answer to a request that never became a GraphQL operation, in the form of one that failed. */
export function refuse(
  status: number,
  code: ErrorCode,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return Response.json({ errors: [{ message, extensions: { code } }] }, { status, headers });
}
