/** Pictures that are made in this page: they live as long as it does. */
import { adviceOn } from '../errors.ts';
import { openInPage } from '../in-page/in-page.ts';
import type { Developed, Settings, Step } from '../in-page/messages.ts';
import type { Draft } from './draft.ts';
import { Store } from './store.ts';
import { announce } from './toasts.ts';

export interface MadeHere {
  readonly id: number;
  readonly draft: Draft;
  /** Null before the first step. */
  readonly step: Step | null;
  /** Null until it is done. */
  readonly developed: Developed | null;
  /** How long it took, the model's fetching included, in milliseconds. */
  readonly ms: number | null;
  /** Why there is no picture; null while there is hope. */
  readonly advice: string | null;
}

/** Newest first. */
export const madeHere = new Store<readonly MadeHere[]>([]);

const stops = new Map<number, AbortController>();
let nextId = 1;

/** Makes a picture of the form as it is, from noise. */
export async function developHere(draft: Draft): Promise<void> {
  const id = nextId++;
  const stop = new AbortController();
  stops.set(id, stop);
  madeHere.update(all => [{ id, draft, step: null, developed: null, ms: null, advice: null }, ...all]);
  announce(`Developing in this page: ${draft.prompt}`);
  const begun = performance.now();
  try {
    const onStep = (step: Step) =>
      put(id, before => ({ step: { ...step, preview: step.preview ?? before.step?.preview ?? null } }));
    const developed = await openInPage().develop(
      draft.prompt,
      draft.checkpoint,
      settingsOf(draft),
      onStep,
      stop.signal,
    );
    put(id, () => ({ developed, ms: performance.now() - begun }));
    announce(`Ready: ${draft.prompt}`);
  } catch (error) {
    if (!stop.signal.aborted) put(id, () => ({ advice: adviceOn(error) }));
  } finally {
    stops.delete(id);
  }
}

/** Stops it where it is not done, and shows it no more. */
export function discard(id: number): void {
  stops.get(id)?.abort();
  madeHere.update(all => all.filter(made => made.id !== id));
}

function put(id: number, some: (before: MadeHere) => Partial<MadeHere>): void {
  madeHere.update(all => all.map(made => (made.id === id ? { ...made, ...some(made) } : made)));
}

/** What was not set is left to the checkpoint. */
export function settingsOf(draft: Draft): Settings {
  const { negativePrompt, seed, steps, guidanceScale, scheduler, width, height } = draft;
  const set = Object.entries({ seed, steps, guidanceScale, scheduler, width, height }).filter(([, it]) => it !== null);
  return { ...Object.fromEntries(set), ...(negativePrompt.trim() === '' ? {} : { negativePrompt }) };
}
