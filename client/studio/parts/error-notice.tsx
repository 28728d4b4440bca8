/** An error in place: what was wrong, and what to do. */
import { isDarkroomError } from '../../sdk/index.ts';
import { adviceOn, sentence } from '../errors.ts';
import { Notice } from './notice.tsx';

interface ErrorNoticeProps {
  readonly error: unknown;
  /** Trying the same again; absent where there is nothing to try. */
  readonly onRetry?: (() => void) | undefined;
}

export function ErrorNotice({ error, onRetry }: ErrorNoticeProps) {
  const all = isDarkroomError(error) && error.kind === 'input' ? error.issues : [];
  // Of a single issue the error has the message already.
  const issues = all.length > 1 ? all : [];
  return (
    <Notice tone="bad">
      <p>{adviceOn(error)}</p>
      {issues.length > 0 && (
        <ul>
          {issues.map(({ path, message }) => (
            <li key={path.join('.')}>{sentence(message)}</li>
          ))}
        </ul>
      )}
      {onRetry && (
        <div class="row">
          <button type="button" class="button" onClick={onRetry}>
            Try again
          </button>
        </div>
      )}
    </Notice>
  );
}
