/** One generation, live until it ends, whether the gallery has it or not. */
import { useEffect, useState } from 'preact/hooks';
import { type Generation, hasEnded } from '../../../sdk/index.ts';
import { darkroom } from '../../state/darkroom.ts';
import { find, gallery } from '../../state/gallery.ts';
import { useStore } from '../../state/store.ts';

export interface Looked {
  /** Null while it is looked for, and where there is none. */
  readonly generation: Generation | null;
  /** Why it is not here. */
  readonly error: unknown;
  readonly lookAgain: () => void;
}

export function useGeneration(id: string): Looked {
  useStore(gallery);
  const known = find(id);
  const [alone, setAlone] = useState<Generation | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [attempt, setAttempt] = useState(0);
  const inGallery = known !== null;
  useEffect(() => {
    setError(null);
    // What the gallery shows it follows, too.
    if (inGallery) return;
    const stop = new AbortController();
    const look = async () => {
      for await (const snapshot of darkroom.watch(id, { signal: stop.signal })) {
        setAlone(snapshot);
        if (hasEnded(snapshot)) return;
      }
    };
    look().catch(thrown => {
      if (!stop.signal.aborted) setError(thrown);
    });
    return () => stop.abort();
  }, [id, inGallery, attempt]);
  const generation = known ?? (alone?.id === id ? alone : null);
  return { generation, error, lookAgain: () => setAttempt(count => count + 1) };
}
