/** Requests for generations on their way: several at once, each stopped when nobody wants it any more. */
import { useRef, useState } from 'preact/hooks';
import type { GenerateInput } from '../../../sdk/index.ts';
import { idempotencyKey } from '../../../sdk/index.ts';
import type { Draft } from '../../state/draft.ts';
import { start } from '../../state/gallery.ts';
import { requestOf } from './request.ts';

export interface Pending {
  /** Why the last one was not accepted. */
  readonly error: unknown;
  /** How many the server has not answered yet. */
  readonly sending: number;
  readonly send: (draft: Draft) => void;
  /** Sends the very same again: where it was accepted after all, it is not made twice. */
  readonly again: () => void;
  readonly stop: () => void;
}

export function usePending(): Pending {
  const [error, setError] = useState<unknown>(null);
  const [sending, setSending] = useState(0);
  const stops = useRef(new AbortController());
  const failed = useRef<GenerateInput | null>(null);
  const ask = async (input: GenerateInput) => {
    const { signal } = stops.current;
    setError(null);
    setSending(count => count + 1);
    try {
      await start(input, signal);
    } catch (thrown) {
      failed.current = input;
      if (!signal.aborted) setError(thrown);
    } finally {
      setSending(count => count - 1);
    }
  };
  const stop = () => {
    stops.current.abort();
    stops.current = new AbortController();
  };
  return {
    error,
    sending,
    send: draft => void ask({ ...requestOf(draft), idempotencyKey: idempotencyKey() }),
    again: () => void (failed.current && ask(failed.current)),
    stop,
  };
}
