/** What the server says about a prompt that is being typed. */
import { useEffect, useState } from 'preact/hooks';
import type { PromptReport } from '../../sdk/index.ts';
import { connection } from '../state/connection.ts';
import { darkroom } from '../state/darkroom.ts';
import { useStore } from '../state/store.ts';

const pauseMs = 250;

/** Null where there is nothing to say, and until the server has said it. */
export function useReport(prompt: string, negativePrompt: string, checkpoint: string | null): PromptReport | null {
  const [report, setReport] = useState<PromptReport | null>(null);
  const there = useStore(connection) === 'there';
  const empty = prompt.trim() === '';
  useEffect(() => {
    if (empty) setReport(null);
    if (empty || !there) return;
    const stop = new AbortController();
    const timer = setTimeout(async () => {
      const input = { prompt, negativePrompt, ...(checkpoint === null ? {} : { checkpoint }) };
      try {
        const said = await darkroom.checkPrompt(input, { signal: stop.signal });
        if (!stop.signal.aborted) setReport(said);
      } catch {
        // Advice that does not come is missed by nobody; `generate` says what is wrong.
      }
    }, pauseMs);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [prompt, negativePrompt, checkpoint, empty, there]);
  return report;
}
