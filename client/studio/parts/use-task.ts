/** Work that a press or a choice begins: one at a time, the last one wanted. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

export interface Task<T> {
  /** What came of the last work that succeeded; stays while the next is under way. */
  readonly value: T | null;
  /** Why the last work failed; null while there is hope. */
  readonly error: unknown;
  readonly running: boolean;
  /** Begins, and gives up what is still under way. */
  readonly run: (work: (signal: AbortSignal) => Promise<T>) => void;
  /** Gives up what is under way. */
  readonly stop: () => void;
}

type State<T> = Pick<Task<T>, 'value' | 'error' | 'running'>;

export function useTask<T>(): Task<T> {
  const [state, setState] = useState<State<T>>({ value: null, error: null, running: false });
  const current = useRef<AbortController | null>(null);

  const stop = useCallback(() => {
    current.current?.abort();
    current.current = null;
    setState(before => ({ ...before, running: false }));
  }, []);

  const run = useCallback((work: (signal: AbortSignal) => Promise<T>) => {
    current.current?.abort();
    const controller = new AbortController();
    current.current = controller;
    setState(before => ({ ...before, error: null, running: true }));
    const { signal } = controller;
    work(signal).then(
      value => {
        if (!signal.aborted) setState({ value, error: null, running: false });
      },
      error => {
        if (!signal.aborted) setState(before => ({ ...before, error, running: false }));
      },
    );
  }, []);

  useEffect(() => () => current.current?.abort(), []);
  return { ...state, run, stop };
}
