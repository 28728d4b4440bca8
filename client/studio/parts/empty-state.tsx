/** What stands where there is nothing yet: why, and what to do. */
import type { ComponentChildren } from 'preact';
import './empty-state.css';

interface EmptyStateProps {
  readonly title: string;
  /** Of the title: 1 where it is all that the view shows. */
  readonly level?: 1 | 2;
  readonly children?: ComponentChildren;
}

export function EmptyState({ title, level = 2, children }: EmptyStateProps) {
  const Heading = `h${level}` as const;
  return (
    <div class="empty">
      <Heading>{title}</Heading>
      {children}
    </div>
  );
}
