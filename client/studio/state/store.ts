/** A value that components watch. All the state that outlives a view is in a few of these. */
import { useEffect, useState } from 'preact/hooks';

export class Store<T> {
  #value: T;
  readonly #watchers = new Set<() => void>();

  constructor(value: T) {
    this.#value = value;
  }

  get value(): T {
    return this.#value;
  }

  set(value: T): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const tell of [...this.#watchers]) tell();
  }

  update(change: (value: T) => T): void {
    this.set(change(this.#value));
  }

  /** @returns what ends it */
  watch(tell: () => void): () => void {
    this.#watchers.add(tell);
    return () => this.#watchers.delete(tell);
  }
}

/** The store's value, and the component is drawn again whenever it changes. */
export function useStore<T>(store: Store<T>): T {
  const [, redraw] = useState({});
  const drawn = store.value;
  useEffect(() => {
    // It may have changed between the drawing and now.
    if (!Object.is(drawn, store.value)) redraw({});
    return store.watch(() => redraw({}));
  }, [store]);
  return drawn;
}
