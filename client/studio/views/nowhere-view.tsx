/** What an address shows that the studio does not have. */
import { EmptyState } from '../parts/empty-state.tsx';
import { useTitle } from '../parts/use-title.ts';

export function NowhereView() {
  useTitle('Nothing here');
  return (
    <EmptyState title="There is nothing here" level={1}>
      <p>
        This address shows nothing. Go on to <a href="/">create a picture</a>, or <a href="/search">search</a>.
      </p>
    </EmptyState>
  );
}
