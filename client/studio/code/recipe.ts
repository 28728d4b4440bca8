/** A generation as the input that makes it again. */
import type { Generation } from '../../sdk/index.ts';

export type Recipe = Readonly<Record<string, unknown>>;

/** What is as everybody's default is left out; what the checkpoint decides is spelt out. */
export function recipeOf({ prompt, negativePrompt, parameters: p }: Generation): Recipe {
  const all = {
    prompt,
    negativePrompt: negativePrompt || null,
    checkpoint: p.checkpoint,
    seed: p.seed,
    steps: p.steps,
    guidanceScale: p.guidanceScale,
    scheduler: p.scheduler,
    width: p.width,
    height: p.height,
    count: p.count === 1 ? null : p.count,
    keep: p.keep,
    eta: p.eta || null,
    guidanceRescale: p.guidanceRescale || null,
    clipSkip: p.clipSkip,
    score: p.score || null,
    start: p.startLatentKey === null ? null : { from: { latentKey: p.startLatentKey }, strength: p.strength },
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
}
