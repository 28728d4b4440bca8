/** Errors nobody foresaw: the log gets everything, the caller an id to ask about. */

/** Logs an unexpected error and returns the id it is logged with. What the log holds is one line of JSON. */
export function logUnexpected(error: unknown, where: string): string {
  const errorId = crypto.randomUUID();
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  console.error(JSON.stringify({ level: 'error', errorId, where, name, message, stack }));
  return errorId;
}

/** @returns 500 without a word of what went wrong */
export function unexpectedResponse(errorId: string): Response {
  const error = {
    message: `Unexpected error. Ask about it by its id ${errorId}`,
    extensions: { code: 'INTERNAL', errorId },
  };
  return Response.json({ errors: [error] }, { status: 500 });
}
