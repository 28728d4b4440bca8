/** What stands where there is nothing yet: why, and what to do. */
import type { ComponentChildren } from 'preact';
import './empty-state.css';

export function EmptyState({ title, children }: { readonly title: string; readonly children?: ComponentChildren }) {
  return (
    <div class="empty">
      <h2>{title}</h2>
      {children}
    </div>
  );
}
