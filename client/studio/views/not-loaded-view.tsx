/** What stands for a view whose program the server could not give. */
import { EmptyState } from '../parts/empty-state.tsx';
import { useTitle } from '../parts/use-title.ts';

export function NotLoadedView() {
  useTitle('Not loaded');
  return (
    <EmptyState title="This part could not be loaded" level={1}>
      <p>The server did not answer when it was asked for it.</p>
      <button type="button" class="button" onClick={() => location.reload()}>
        Load the page again
      </button>
    </EmptyState>
  );
}
