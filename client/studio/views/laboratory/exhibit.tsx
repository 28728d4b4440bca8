/** One of several pictures that are looked at side by side. */
import type { ComponentChildren } from 'preact';
import './exhibit.css';

interface ExhibitProps {
  readonly title: string;
  /** The picture; absent: a place for it. */
  readonly children?: ComponentChildren;
  readonly caption?: ComponentChildren;
}

export function Exhibit({ title, children, caption }: ExhibitProps) {
  return (
    <figure class="exhibit">
      <div class={`exhibit-picture${children ? '' : ' waits'}`}>{children}</div>
      <figcaption>
        <strong>{title}</strong>
        {caption !== undefined && <span class="hint">{caption}</span>}
      </figcaption>
    </figure>
  );
}
