import { BackendPool } from '../backends/pool.ts';
import { CardStore } from '../checkpoints/card-store.ts';
import { readConfiguration } from '../configuration.ts';
import { EncodingStore } from '../encodings/encoding-store.ts';
import { LatentStore } from '../latents/latent-store.ts';
import { createSimilarity } from '../similarity/create.ts';
import { TextVectors, textVectorsKey } from '../similarity/text-vectors.ts';
import { KeptRuns } from './kept-runs.ts';
import { LentNoise } from './lent-noise.ts';
import { SourceChooser } from './source-chooser.ts';
import { SourceStore } from './source-store.ts';
import { SourceTexts } from './source-texts.ts';

export interface Approximate {
  readonly sources: SourceStore;
  readonly texts: SourceTexts;
  readonly runs: KeptRuns;
  readonly chooser: SourceChooser;
}

/** All that has to do with going on from other prompts' steps, made of this request's bindings. */
export function createApproximate(env: Env, pool?: BackendPool): Approximate {
  const configuration = readConfiguration({ ...env });
  const { index } = createSimilarity(env, pool ?? new BackendPool(configuration));
  const texts = new SourceTexts(index, env.DB);
  const sources = new SourceStore({ bucket: env.BLOBS, db: env.DB, texts });
  const runs = new KeptRuns({
    sources,
    vectors: new TextVectors(new EncodingStore(env.BLOBS, env.DB)),
    room: configuration.reuseBytes,
  });
  const chooser = new SourceChooser({
    sources,
    texts,
    noise: new LentNoise(env.DB),
    latents: new LatentStore(env.BLOBS, env.DB),
    vectors: {
      // Many may ask for one prompt at once.
      ofText: async (card, tokenIds) =>
        env.DEVELOPMENTS.getByName(await textVectorsKey(card.digest, tokenIds)).ofText(card, tokenIds),
    },
    cards: new CardStore(env.BLOBS, env.HOT),
  });
  return { sources, texts, runs, chooser };
}
