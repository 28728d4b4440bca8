/** Words in place about what went wrong (`bad`) or deserves a thought (`warn`), and what can be done. */
import type { ComponentChildren } from 'preact';
import { Icon } from './icon.tsx';
import './notice.css';

interface NoticeProps {
  readonly tone: 'bad' | 'warn';
  readonly children: ComponentChildren;
}

export function Notice({ tone, children }: NoticeProps) {
  return (
    <div class={`notice ${tone}`} role={tone === 'bad' ? 'alert' : undefined}>
      <Icon name="alert" />
      <div class="stack">{children}</div>
    </div>
  );
}
