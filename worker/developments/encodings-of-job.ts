/** What encoders make of a job's prompts, and of the picture that it starts from: kept, and found again. */
import type { Tensor } from '../../models/runtime.ts';
import { encodingKey, type PictureRecipe, type TextRecipe } from '../encodings/encoding-recipe.ts';
import type { Encoding, EncodingStore } from '../encodings/encoding-store.ts';
import { type Job, negativeTokenIds } from '../generations/job.ts';
import type { LatentStore } from '../latents/latent-store.ts';
import { textVectorsKey } from '../similarity/text-vectors.ts';

/** As plans name them. */
export interface FoundEncodings {
  /** Of the prompt and, with guidance, of the negative one: a backend encodes both or neither. */
  readonly text: Readonly<Record<string, Tensor>> | null;
  /** `moments` */
  readonly picture: Encoding | null;
}

export async function findEncodings(
  job: Job,
  encodings: Pick<EncodingStore, 'find'>,
  latents: Pick<LatentStore, 'intact'>,
): Promise<FoundEncodings> {
  const find = async (recipe: TextRecipe | PictureRecipe | null) => recipe && encodings.find(await encodingKey(recipe));
  const negative = negativeText(job);
  const [ofPrompt, ofNegative, picture] = await Promise.all([
    find(promptText(job)),
    find(negative),
    find(pictureOf(job)),
  ]);
  const isWhole = ofPrompt?.prompt_embeds && ofPrompt.pooled_prompt_embeds;
  const isNegativeWhole =
    negative === null || (ofNegative?.prompt_embeds && (!job.sizeConditioning || ofNegative.pooled_prompt_embeds));
  const text = isWhole && isNegativeWhole ? { ...ofPrompt, ...renamed(ofNegative ?? {}, '', 'negative_') } : null;
  // The picture's likeliest latent is made with its moments alone: where it is gone, both are made again.
  const isPictureWhole = picture?.moments && (await latents.intact(job.parameters.start!.latentKey)) !== null;
  return { text, picture: isPictureWhole ? picture : null };
}

/** @param made by a backend; what is not in it was there before */
export async function keepEncodings(
  job: Job,
  made: ReadonlyMap<string, Tensor>,
  encodings: Pick<EncodingStore, 'keep'>,
): Promise<void> {
  const all = Object.fromEntries(made);
  const named = (prefix: string) =>
    Object.fromEntries(
      Object.entries(all).filter(
        ([name]) => name === `${prefix}prompt_embeds` || name === `${prefix}pooled_prompt_embeds`,
      ),
    );
  const negative = renamed(named('negative_'), 'negative_', '');
  const entries: [TextRecipe | PictureRecipe | null, Encoding][] = [
    [promptText(job), named('')],
    [negativeText(job), negative],
    [pictureOf(job), all.moments ? { moments: all.moments } : {}],
  ];
  await Promise.all(
    entries.map(async ([recipe, encoding]) => {
      if (recipe && Object.keys(encoding).length > 0) await encodings.keep(await encodingKey(recipe), encoding);
    }),
  );
}

/** Of the encodings of a job's texts, and of what its prompt is compared by. */
export function textKeys(job: Job): Promise<string[]> {
  const negative = negativeText(job);
  const encodings = [promptText(job), ...(negative ? [negative] : [])].map(encodingKey);
  return Promise.all([...encodings, textVectorsKey(job.checkpointDigest, job.report.modelTokenIds)]);
}

function promptText({ checkpointDigest: checkpoint, report, parameters: { clipSkip } }: Job): TextRecipe {
  return { kind: 'text', version: 1, checkpoint, tokenIds: report.modelTokenIds, clipSkip };
}

/** Layers are left out for the prompt alone. Null without guidance. */
function negativeText(job: Job): TextRecipe | null {
  const tokenIds = negativeTokenIds(job);
  return tokenIds && { kind: 'text', version: 1, checkpoint: job.checkpointDigest, tokenIds, clipSkip: null };
}

function pictureOf({ startPixels, parameters: { start } }: Job): PictureRecipe | null {
  return startPixels && start ? { kind: 'picture', version: 1, latentKey: start.latentKey } : null;
}

function renamed(encoding: Encoding, from: string, to: string): Encoding {
  return Object.fromEntries(Object.entries(encoding).map(([name, tensor]) => [to + name.slice(from.length), tensor]));
}
