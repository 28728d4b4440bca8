/** Says that the server does not answer, for as long as that is so. */
import { connection } from '../state/connection.ts';
import { useStore } from '../state/store.ts';
import { Icon } from './icon.tsx';

export function ConnectionBanner() {
  const gone = useStore(connection) === 'gone';
  return (
    // Always there: a live region that appears with its words is not read.
    <div role="status">
      {gone && (
        <p class="banner">
          <Icon name="plug" />
          The server does not answer. What you have typed is kept; this page tries again by itself.
        </p>
      )}
    </div>
  );
}
