import { RequestError } from './errors.ts';

/** @throws RequestError NOT_FOUND where what was named is not there */
export function expectThere<T>(found: T | null | undefined, name: string): T {
  if (found == null) throw new RequestError('NOT_FOUND', `The server has no ${name}`);
  return found;
}
