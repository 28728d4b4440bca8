/** Several things in one place, one at a time. Arrow keys go from tab to tab. */
import type { ComponentChildren } from 'preact';
import { useId, useRef } from 'preact/hooks';
import './tabs.css';

export interface Tab<Key extends string> {
  readonly key: Key;
  readonly name: string;
}

interface TabsProps<Key extends string> {
  /** What they are together, for those who listen. */
  readonly label: string;
  readonly tabs: readonly Tab<Key>[];
  readonly shown: Key;
  readonly onShow: (key: Key) => void;
  /** What the shown tab holds. */
  readonly children: ComponentChildren;
}

export function Tabs<Key extends string>({ label, tabs, shown, onShow, children }: TabsProps<Key>) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const go = (step: number) => {
    const at = tabs.findIndex(({ key }) => key === shown);
    const to = (at + step + tabs.length) % tabs.length;
    onShow(tabs[to]!.key);
    (list.current?.children[to] as HTMLElement | undefined)?.focus();
  };
  const keys: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1 };
  return (
    <div class="stack">
      <div
        class="tabs"
        role="tablist"
        aria-label={label}
        ref={list}
        onKeyDown={event => {
          const step = keys[event.key];
          if (step !== undefined) go(step);
        }}
      >
        {tabs.map(({ key, name }) => (
          <button
            key={key}
            type="button"
            role="tab"
            id={`${id}-${key}`}
            aria-selected={key === shown}
            aria-controls={`${id}-panel`}
            tabIndex={key === shown ? 0 : -1}
            onClick={() => onShow(key)}
          >
            {name}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${shown}`}>
        {children}
      </div>
    </div>
  );
}
