import type { Services } from '../../schema/context.ts';

/** What is handed to an interface other than GraphQL with each request. The Host and the caller's origin have been checked. */
export interface RestRequest {
  readonly request: Request;
  readonly url: URL;
  readonly services: Services;
  /** Has a promise settled even where the caller has gone. */
  readonly waitUntil: (promise: Promise<unknown>) => void;
}
