/** The vocabulary's suggestions for a prompt that is being typed. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { VocabularyEntry } from '../../sdk/index.ts';
import { darkroom } from '../state/darkroom.ts';
import { type Suggestion, suggest, wordBefore } from './suggestions.ts';

const pauseMs = 80;
/** Enough that no phrase with the word in it is missed. */
const fetched = 24;

/** What was searched for before, by checkpoint and word. */
const known = new Map<string, readonly VocabularyEntry[]>();

/** @param caret null while nobody types */
export function useSuggestions(prompt: string, caret: number | null, checkpoint: string | null): readonly Suggestion[] {
  const [found, setFound] = useState<readonly Suggestion[]>([]);
  const word = caret === null ? null : wordBefore(prompt, caret);
  const latest = useRef({ prompt, caret });
  latest.current = { prompt, caret };

  useEffect(() => {
    if (word === null) {
      setFound([]);
      return;
    }
    const key = `${checkpoint} ${word.toLowerCase()}`;
    const show = (entries: readonly VocabularyEntry[]) => {
      const { prompt, caret } = latest.current;
      setFound(caret === null ? [] : suggest(prompt, caret, entries));
    };
    const before = known.get(key);
    if (before) {
      show(before);
      return;
    }
    const stop = new AbortController();
    const timer = setTimeout(async () => {
      try {
        const named = checkpoint === null ? {} : { checkpoint };
        const { nodes } = await darkroom.vocabulary({ search: word, first: fetched, ...named, signal: stop.signal });
        known.set(key, nodes);
        if (!stop.signal.aborted) show(nodes);
      } catch {
        // Suggestions are a convenience: the banner tells when the server is gone.
      }
    }, pauseMs);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [word, prompt, checkpoint]);
  return found;
}
