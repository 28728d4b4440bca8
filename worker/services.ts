/** The services that resolvers see, made of this request's bindings. */
import type { Services } from '../schema/context.ts';
import { createApproximate } from './approximate/create.ts';
import { BackendPool } from './backends/pool.ts';
import { BrowserFiles } from './checkpoints/browser-files.ts';
import { CardStore } from './checkpoints/card-store.ts';
import { CheckpointRows } from './checkpoints/checkpoint-rows.ts';
import { PublishedCheckpoints } from './checkpoints/checkpoint-service.ts';
import type { Configuration } from './configuration.ts';
import { ContactSheetRows } from './contact-sheets/contact-sheet-rows.ts';
import { DurableContactSheets } from './contact-sheets/contact-sheet-service.ts';
import { SheetFiles } from './contact-sheets/sheet-files.ts';
import { Deletion } from './deletion/deletion.ts';
import { theDispatcher } from './dispatch/the-dispatcher.ts';
import { GenerationRows } from './generations/generation-rows.ts';
import { DurableGenerations } from './generations/generation-service.ts';
import { ImageFiles } from './images/image-files.ts';
import { SignedImages } from './images/image-service.ts';
import { LatentImages } from './images/latent-images.ts';
import { RandomPixels } from './images/random-pixels.ts';
import { createLaboratory } from './laboratory/create.ts';
import { LaboratoryFiles } from './laboratory/laboratory-files.ts';
import { latentService } from './latents/latent-files.ts';
import { LatentPictures } from './latents/latent-pictures.ts';
import { LatentStore } from './latents/latent-store.ts';
import { BlockList } from './prompts/block-list.ts';
import { PromptChecker } from './prompts/prompt-checker.ts';
import { createSimilarity } from './similarity/create.ts';
import { StartPixels } from './starts/start-pixels.ts';
import { StartReader } from './starts/start-reader.ts';

export interface EdgeServices extends Services {
  readonly generations: DurableGenerations;
  readonly images: SignedImages;
  readonly latentStore: LatentStore;
  readonly laboratoryFiles: LaboratoryFiles;
  readonly browserFiles: BrowserFiles;
}

/** @param origin where the caller sees this server */
export function createServices(env: Env, configuration: Configuration, origin: string): EdgeServices {
  const { urlSecret, blockedTerms, logPrompts } = configuration;
  const latentStore = new LatentStore(env.BLOBS, env.DB);
  const pool = new BackendPool(configuration);
  const similarity = createSimilarity(env, pool);
  const { sources, chooser } = createApproximate(env, pool);
  const deletion = new Deletion({
    db: env.DB,
    bucket: env.BLOBS,
    vectors: similarity.latentIndex,
    sources,
  });
  const generationRows = new GenerationRows(env.DB);
  const starts = new StartPixels(env.BLOBS);
  const generations = new DurableGenerations({
    objects: env.GENERATIONS,
    rows: generationRows,
    dispatcher: env.DISPATCHER.getByName(theDispatcher),
    latents: latentStore,
    chooser,
    deletion,
    starts,
    backlog: configuration.backlog,
    webhooks: { hasSecret: configuration.webhookSecret !== null, allowPrivate: configuration.webhookAllowPrivate },
    logPrompts,
  });
  const sheetRows = new ContactSheetRows(env.DB);
  const contactSheets = new DurableContactSheets({
    objects: env.CONTACT_SHEETS,
    rows: sheetRows,
    generations,
    keys: generationRows,
    starts,
  });
  const pictures = new LatentPictures(latentStore, pool);
  const cards = new CardStore(env.BLOBS, env.HOT);
  const browserFiles = new BrowserFiles({ bucket: env.BLOBS, cards, pool, origin, urlSecret });
  const checkpoints = createCheckpoints(env, configuration, pool, cards);
  const latentImages = new LatentImages(cards, pictures);
  const latents = latentService({ store: latentStore, deletion, images: latentImages, origin, urlSecret });
  const files = new ImageFiles(env.BLOBS, pictures, latentStore);
  const laboratoryFiles = new LaboratoryFiles({ bucket: env.BLOBS, latents: latentStore, origin, urlSecret });
  const randomPixels = new RandomPixels(urlSecret);
  const parts = { pool, store: latentStore, pictures, images: latentImages, similarity, randomPixels };
  return {
    checkpoints,
    checkpointFiles: browserFiles,
    prompts: promptChecker(blockedTerms),
    generations,
    contactSheets,
    latents,
    images: new SignedImages({
      ...{ generations, latents, files, randomPixels, origin, urlSecret },
      sheets: new SheetFiles({ bucket: env.BLOBS, rows: sheetRows, generations, pictures }),
    }),
    starts: new StartReader(key => latentStore.find(key), pictures),
    similarity: similarity.service,
    laboratory: createLaboratory({ ...parts, files: laboratoryFiles }),
    latentStore,
    laboratoryFiles,
    browserFiles,
  };
}

export function createCheckpoints(
  env: Env,
  configuration: Configuration,
  pool = new BackendPool(configuration),
  cards = new CardStore(env.BLOBS, env.HOT),
) {
  return new PublishedCheckpoints(new CheckpointRows(env.DB), cards, pool, configuration.defaultCheckpoint);
}

let checker: { readonly of: string; readonly prompts: PromptChecker } | undefined;

/** One for as long as the worker lives: it keeps the checkpoints' tokenizers. */
function promptChecker(blockedTerms: readonly string[]): PromptChecker {
  const of = blockedTerms.join();
  if (checker?.of !== of) checker = { of, prompts: new PromptChecker({ blockList: new BlockList(blockedTerms) }) };
  return checker.prompts;
}
