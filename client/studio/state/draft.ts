/** What is typed into the form, kept over a reload; null is the checkpoint's own default. */
import type { Generation, Image, ReusePolicy, Scheduler } from '../../sdk/index.ts';
import { keep, readKept } from './kept.ts';
import { Store } from './store.ts';

/** What a generation is to start from. A file is not kept over a reload. */
export type Start =
  | { readonly kind: 'file'; readonly file: File }
  | { readonly kind: 'latent'; readonly key: string; readonly url: string };

export interface Draft {
  readonly prompt: string;
  readonly negativePrompt: string;
  readonly checkpoint: string | null;
  readonly seed: number | null;
  readonly steps: number | null;
  readonly guidanceScale: number | null;
  readonly scheduler: Scheduler | null;
  readonly width: number | null;
  readonly height: number | null;
  readonly count: number;
  readonly reuse: ReusePolicy | null;
  readonly score: boolean;
  readonly start: Start | null;
  readonly strength: number;
  /** Whether it is made in this page instead of on the server. */
  readonly here: boolean;
}

const empty: Draft = {
  prompt: '',
  negativePrompt: '',
  checkpoint: null,
  seed: null,
  steps: null,
  guidanceScale: null,
  scheduler: null,
  width: null,
  height: null,
  count: 1,
  reuse: null,
  score: false,
  start: null,
  strength: 0.7,
  here: false,
};

export const draft = new Store<Draft>(restored(readKept('draft')));

draft.watch(() => {
  const { start, ...rest } = draft.value;
  keep('draft', { ...rest, start: start?.kind === 'latent' ? start : null });
});

export function change(some: Partial<Draft>): void {
  draft.update(before => ({ ...before, ...some }));
}

/** Where it is made; what only the server does is turned off in the page. */
export function makeHere(here: boolean): void {
  change(here ? { here, count: 1, start: null, score: false, reuse: null } : { here });
}

/** Everything but the words as the checkpoint has it. */
export function reset(): void {
  draft.update(({ prompt }) => ({ ...empty, prompt }));
}

/** The form as it would have to be filled for the same generation again. */
export function useAgain({ prompt, negativePrompt, parameters: p, images }: Generation): void {
  const source = p.startLatentKey;
  const shown = images.find(image => image.latent?.key === source);
  draft.set({
    ...empty,
    prompt,
    negativePrompt,
    checkpoint: p.checkpoint,
    seed: p.seed,
    steps: p.steps,
    guidanceScale: p.guidanceScale,
    scheduler: p.scheduler,
    width: p.width,
    height: p.height,
    count: p.count,
    reuse: p.reuse,
    score: p.score,
    start: source === null ? null : { kind: 'latent', key: source, url: shown?.url ?? '' },
    strength: p.strength ?? empty.strength,
  });
}

/** The same words and settings with another seed. */
export function useWithNewSeed(generation: Generation): void {
  useAgain(generation);
  change({ seed: null });
}

/** The same words, beginning where a picture is. */
export function useAsStart(generation: Generation, image: Image): void {
  useAgain(generation);
  if (image.latent === null) return;
  change({ seed: null, count: 1, start: { kind: 'latent', key: image.latent.key, url: image.url } });
}

/** What was kept, as far as it is what a draft may hold: an older page, or somebody, may have left something else. */
export function restored(kept: unknown): Draft {
  if (typeof kept !== 'object' || kept === null) return empty;
  const fits = ([name, value]: [string, unknown]) => {
    if (!(name in empty)) return false;
    const usual = empty[name as keyof Draft];
    return usual === null || typeof value === typeof usual;
  };
  return { ...empty, ...Object.fromEntries(Object.entries(kept).filter(fits)) };
}
