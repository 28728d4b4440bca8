/** What is like a query, nearest first, page after page. */
import { useEffect, useState } from 'preact/hooks';
import type { Neighbour, SimilaritySpace } from '../../../sdk/index.ts';
import { darkroom } from '../../state/darkroom.ts';
import { announce } from '../../state/toasts.ts';
import { likenessOf, type Query } from './query.ts';

export interface Found {
  readonly phase: 'idle' | 'searching' | 'found' | 'failed';
  readonly neighbours: readonly Neighbour[];
  readonly error: unknown;
  /** Null where there are no more. */
  readonly more: (() => Promise<void>) | null;
  readonly again: () => void;
}

interface State extends Pick<Found, 'phase' | 'neighbours' | 'error'> {
  readonly after: string | null;
}

const idle: State = { phase: 'idle', neighbours: [], error: null, after: null };

export function useFound(query: Query | null, space: SimilaritySpace | null): Found {
  const [state, setState] = useState<State>(idle);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    if (query === null || space === null) {
      setState(idle);
      return;
    }
    const stop = new AbortController();
    setState(before => ({ ...before, phase: 'searching', error: null }));
    darkroom.similar(likenessOf(query), { space, signal: stop.signal }).then(
      page => {
        setState({ phase: 'found', neighbours: page.nodes, error: null, after: nextOf(page) });
        announce(`${page.nodes.length} found`);
      },
      error => {
        if (!stop.signal.aborted) setState({ ...idle, phase: 'failed', error });
      },
    );
    return () => stop.abort();
  }, [query, space, attempt]);

  const { after } = state;
  const more = async () => {
    if (query === null || space === null) return;
    try {
      const page = await darkroom.similar(likenessOf(query), { space, after });
      setState(before =>
        before.after === after
          ? { ...before, neighbours: [...before.neighbours, ...page.nodes], after: nextOf(page) }
          : before,
      );
    } catch (error) {
      setState(before => ({ ...before, error }));
    }
  };
  return { ...state, more: after === null ? null : more, again: () => setAttempt(count => count + 1) };
}

function nextOf({ hasNextPage, endCursor }: { readonly hasNextPage: boolean; readonly endCursor: string | null }) {
  return hasNextPage ? endCursor : null;
}
