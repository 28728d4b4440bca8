/** What went wrong, and what to do about it, in a sentence or two. */
import { isDarkroomError } from '../sdk/index.ts';
import { duration } from './format.ts';

/** What went wrong in the page itself, in words for whoever looks at it. */
export class Advice extends Error {
  override readonly name = 'Advice';
}

export function adviceOn(error: unknown): string {
  if (error instanceof Advice) return error.message;
  if (!isDarkroomError(error)) return `The page has made a mistake: ${error instanceof Error ? error.message : error}`;
  switch (error.kind) {
    case 'connection':
      return 'The server does not answer. Is it running? Try again when it is back.';
    case 'protocol':
      return 'What answered is no Darkroom server. Is there a proxy in between that wants something?';
    case 'retry-later':
      return `${sentence(error.message)} Try again in ${duration(error.retryAfterMs)}.`;
    case 'failed':
      return `${sentence(error.message)}${error.retryable ? ' Trying again may well succeed.' : ''}`;
    case 'prompt':
    case 'input':
    case 'request':
    case 'cancelled':
      return sentence(error.message);
  }
}

/** Messages of the API begin in lower case and end without a full stop. */
export function sentence(message: string): string {
  const begun = `${message.slice(0, 1).toUpperCase()}${message.slice(1)}`;
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}
