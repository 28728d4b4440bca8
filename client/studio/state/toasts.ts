/** Short words about what has just happened, for eyes (a toast) and for screen readers (a live region). */
import { Store } from './store.ts';

export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly tone: 'plain' | 'bad';
}

const shownMs = 4_000;

export const toasts = new Store<readonly Toast[]>([]);
/** What a screen reader is to say next; nothing is shown. */
export const announcement = new Store('');

let nextId = 1;

/** Shows a few words for a moment. Screen readers read them. */
export function toast(text: string, tone: Toast['tone'] = 'plain'): void {
  const shown = { id: nextId++, text, tone };
  toasts.update(all => [...all, shown]);
  setTimeout(
    () => toasts.update(all => all.filter(({ id }) => id !== shown.id)),
    tone === 'bad' ? 2 * shownMs : shownMs,
  );
}

/** Says something to screen readers only. */
export function announce(text: string): void {
  // The same words again are read again only where they were gone.
  announcement.set('');
  setTimeout(() => announcement.set(text), 50);
}
