/** Numbers with names. */
import type { ComponentChildren } from 'preact';
import './facts.css';

export interface Fact {
  readonly name: string;
  readonly value: ComponentChildren;
  /** What the number means, for who does not know it. */
  readonly hint?: string;
}

export function Facts({ facts }: { readonly facts: readonly Fact[] }) {
  return (
    <dl class="facts">
      {facts.map(({ name, value, hint }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
          {hint !== undefined && <dd class="hint">{hint}</dd>}
        </div>
      ))}
    </dl>
  );
}
