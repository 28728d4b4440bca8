/** What the server says about a prompt that is being typed. */
import { useEffect, useState } from 'preact/hooks';
import type { PromptReport } from '../../sdk/index.ts';
import { connection } from '../state/connection.ts';
import { darkroom } from '../state/darkroom.ts';
import { useStore } from '../state/store.ts';

const pauseMs = 250;
/** How long a prompt must stand before its last word counts as finished. */
const settledMs = 1500;

/** Null where there is nothing to say, and until the server has said it. */
export function useReport(prompt: string, negativePrompt: string, checkpoint: string | null): PromptReport | null {
  const [report, setReport] = useState<PromptReport | null>(null);
  const settled = useSettled(prompt);
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
  return report && !settled ? withoutLastWord(report, prompt) : report;
}

/** Whether a text has not changed for a while. */
function useSettled(text: string): boolean {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), settledMs);
    return () => clearTimeout(timer);
  }, [text]);
  return settled === text;
}

/** Who is in the middle of a word knows that it is none yet. */
function withoutLastWord(report: PromptReport, prompt: string): PromptReport {
  return { ...report, unknownWords: report.unknownWords.filter(({ end }) => end < prompt.length) };
}
