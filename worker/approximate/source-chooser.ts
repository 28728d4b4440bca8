/** Finds the run of a similar prompt that a new one may go on from. */

import type { CheckpointCard } from '../../wire/card.ts';
import type { JobSource } from '../generations/job.ts';
import { type Job, recipeOf, seedOf } from '../generations/job.ts';
import type { LatentStore } from '../latents/latent-store.ts';
import { latentKey } from '../latents/recipe.ts';
import type { Match } from '../similarity/similarity-index.ts';
import type { MadeVectors } from '../similarity/spaces.ts';
import { type TokenIds, textVectorsKey } from '../similarity/text-vectors.ts';
import { keptSteps } from './kept-steps.ts';
import type { Borrower, Decided, LentNoise } from './lent-noise.ts';
import { scopeOf } from './scope.ts';
import type { Source, SourceStore } from './source-store.ts';
import { type PlacedText, placedText, type SourceTexts } from './source-texts.ts';
import { leastSimilarity, stepsToSkip } from './steps-to-skip.ts';

/** Of texts that the index finds, and of the runs of a page of them. */
const textsAtOnce = 50;
const mostPages = 4;
const mostRuns = 200;

export interface SourceChooserOptions {
  readonly sources: Pick<SourceStore, 'hasAny' | 'find'>;
  readonly texts: Pick<SourceTexts, 'near'>;
  readonly noise: Pick<LentNoise, 'lend' | 'decide' | 'decided' | 'notLent'>;
  readonly latents: Pick<LatentStore, 'find' | 'findMany'>;
  /** Null where a prompt was never encoded, and no backend does so now. */
  readonly vectors: { ofText(card: CheckpointCard, tokenIds: TokenIds): Promise<MadeVectors | null> };
  readonly cards: { find(digest: string): Promise<CheckpointCard | null> };
}

export interface Choice {
  readonly source: JobSource;
  /** Of the noise that the run began with. */
  readonly seed: number;
}

export class SourceChooser {
  readonly #options: SourceChooserOptions;

  constructor(options: SourceChooserOptions) {
    this.#options = options;
  }

  /**
   * @param seedIsFree whether any seed will do, so long as the prompt has no picture of it yet; else only that of the job
   * @returns null where there is none, where nothing need be computed, or where the prompt cannot be compared now
   */
  async choose(job: Job, index: number, generationId: string, seedIsFree: boolean): Promise<Choice | null> {
    const { sources, latents, vectors, cards, noise } = this.#options;
    const scope = await scopeOf(job);
    if (scope === null) return null;
    const { modelTokenIds } = job.report;
    const borrower = { scope, text: await textVectorsKey(job.checkpointDigest, modelTokenIds), generationId };
    const wanted = { seed: seedIsFree ? null : seedOf(job, index).noiseSeed };
    if (wanted.seed !== null) {
      if ((await latents.find(await latentKey(recipeOf(job, index)))) !== null) return null;
      const before = await noise.decided(borrower, wanted.seed);
      if (before !== null) return this.#decide(borrower, wanted.seed, before);
    }
    if (!(await sources.hasAny(scope))) return null;
    const card = await cards.find(job.checkpointDigest);
    if (card === null) return null;
    const made = await vectors.ofText(card, modelTokenIds);
    const text = made && (await placedText(job.checkpointDigest, modelTokenIds, made));
    if (text === null) return null;

    for await (const page of this.#pages(text)) {
      const found = await sources.find(
        page.map(({ id }) => id),
        borrower,
        wanted,
        mostRuns,
      );
      const similarityOf = new Map(page.map(({ id, similarity }) => [id, similarity]));
      for (const source of seedIsFree ? await this.#unseen(job, borrower, found) : found) {
        const similarity = similarityOf.get(source.text)!;
        const step = stepsToSkip(text.space, similarity, keptSteps(job), job.parameters.steps);
        if (step === 0) continue;
        // What is asked for with its seed is asked for as it is, whether it was given to this prompt before or not.
        if (seedIsFree && !(await noise.lend(borrower, noiseSeeds(job, source.seed)))) continue;
        const chosen = { latentKey: source.key, step, similarity };
        return this.#decide(borrower, source.seed, await decidedFor(job, index, source.seed, chosen));
      }
    }
    return null;
  }

  /** What an image with a seed of the caller's goes on from, where that was decided before and comes to the same still. */
  async decided(job: Job, index: number): Promise<Decided | null> {
    const scope = await scopeOf(job);
    if (scope === null) return null;
    const text = await textVectorsKey(job.checkpointDigest, job.report.modelTokenIds);
    return this.#options.noise.decided({ scope, text }, seedOf(job, index).noiseSeed);
  }

  async #decide(borrower: Borrower, seed: number, decided: Decided): Promise<Choice> {
    const { source } = await this.#options.noise.decide(borrower, seed, decided);
    return { source, seed };
  }

  async *#pages(text: PlacedText): AsyncGenerator<readonly Match[]> {
    let after: Match | null = null;
    for (let page = 0; page < mostPages; page++) {
      const found = await this.#options.texts.near(text, leastSimilarity(text.space), textsAtOnce, after);
      if (found.length > 0) yield found;
      if (found.length < textsAtOnce) return;
      after = found.at(-1)!;
    }
  }

  /** Without those whose seed this prompt has a picture of, whether it was made from its first step on or from a later one. */
  async #unseen(job: Job, borrower: Borrower, found: readonly Source[]): Promise<readonly Source[]> {
    const { noise, latents } = this.#options;
    const seedsOf = ({ seed }: Source) => noiseSeeds(job, seed);
    const notLent = await noise.notLent(borrower, [...new Set(found.flatMap(seedsOf))]);
    const free = found.filter(source => seedsOf(source).every(seed => notLent.has(seed)));
    const keysOf = ({ seed }: Source) => {
      return Promise.all(indicesOf(job).map(index => latentKey(recipeOf(withSeed(job, seed), index))));
    };
    const keys = await Promise.all(free.map(keysOf));
    const there = await latents.findMany(keys.flat());
    return free.filter((_, i) => !keys[i]!.some(key => there.has(key)));
  }
}

function indicesOf({ parameters }: Job): readonly number[] {
  return Array.from({ length: parameters.count }, (_, index) => index);
}

/** Of all of a generation's images, where the first one's is `seed`. */
function noiseSeeds(job: Job, seed: number): readonly number[] {
  return indicesOf(job).map(index => seedOf(withSeed(job, seed), index).noiseSeed);
}

/** @param seed of the image itself, whichever of the job's it is */
async function decidedFor(job: Job, index: number, seed: number, source: JobSource): Promise<Decided> {
  const sources = Array.from({ length: index + 1 }, () => source);
  return { source, latentKey: await latentKey(recipeOf({ ...withSeed(job, seed - index), sources }, index)) };
}

function withSeed(job: Job, seed: number): Job {
  return { ...job, sources: [], parameters: { ...job.parameters, seed } };
}
