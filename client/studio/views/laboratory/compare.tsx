/** Two pictures in one place: what is left of the line is the one, what is right of it the other. */
import type { ComponentChildren } from 'preact';
import { useId, useState } from 'preact/hooks';
import './compare.css';

interface CompareProps {
  readonly left: ComponentChildren;
  readonly leftName: string;
  readonly right: ComponentChildren;
  readonly rightName: string;
}

export function Compare({ left, leftName, right, rightName }: CompareProps) {
  const id = useId();
  const [at, setAt] = useState(50);
  return (
    <div class="compare">
      <div class="compare-pictures" style={{ '--at': `${at}%` }}>
        <div class="compare-right">{right}</div>
        <div class="compare-left">{left}</div>
        <span class="compare-line" aria-hidden="true" />
      </div>
      <label class="hint compare-names" for={id}>
        <span>{leftName}</span>
        <span>{rightName}</span>
      </label>
      <input
        id={id}
        type="range"
        min={0}
        max={100}
        value={at}
        aria-valuetext={`${at} % ${leftName}, ${100 - at} % ${rightName}`}
        onInput={event => setAt(Number(event.currentTarget.value))}
      />
    </div>
  );
}
