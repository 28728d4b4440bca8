/** Interfaces beside GraphQL, each below a path of its own. */
import { a1111ErrorResponse } from './a1111/error.ts';
import { a1111Route } from './a1111/routes.ts';
import type { Fault } from './fault.ts';
import { openaiErrorResponse } from './openai/error.ts';
import { openaiRoute } from './openai/routes.ts';
import type { RestRequest } from './rest-request.ts';

export interface RestInterface {
  readonly below: string;
  /** Answers, whatever happens. */
  readonly route: (rest: RestRequest) => Promise<Response>;
  readonly error: (fault: Fault) => Response;
}

const interfaces: readonly RestInterface[] = [
  { below: '/v1/', route: openaiRoute, error: openaiErrorResponse },
  { below: '/sdapi/', route: a1111Route, error: a1111ErrorResponse },
];

/** The one that a path belongs to; null for GraphQL, pages and files. */
export function restInterfaceOf(pathname: string): RestInterface | null {
  return interfaces.find(({ below }) => pathname.startsWith(below)) ?? null;
}
