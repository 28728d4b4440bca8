/** What has just happened: shown for a moment, and read to those who listen. */

import { useStore } from '../state/store.ts';
import { announcement, toasts } from '../state/toasts.ts';
import './toasts.css';

export function Toasts() {
  const shown = useStore(toasts);
  return (
    <>
      <div class="toasts" role="status">
        {shown.map(({ id, text, tone }) => (
          <p key={id} class={`toast ${tone}`}>
            {text}
          </p>
        ))}
      </div>
      <p class="unseen" aria-live="polite">
        {useStore(announcement)}
      </p>
    </>
  );
}
