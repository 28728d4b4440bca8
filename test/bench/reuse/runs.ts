/** Darkroom's own pipeline, run whole and from another run's x_t. */
import { checkpointFiles } from '../../../gpu-backend/checkpoint-files.ts';
import { createOnnxRuntime } from '../../../gpu-backend/onnxruntime-node.ts';
import type { DenoiseStep, Resume } from '../../../models/denoise.ts';
import { StableDiffusionPipeline } from '../../../models/pipeline.ts';
import type { FloatTensor } from '../../../models/runtime.ts';
import { schedulerConfig } from '../../../models/schedulers/names.ts';
import { readTokenizerCard } from '../../../models/tokenizer/card.ts';
import { ClipTokenizer } from '../../../models/tokenizer.ts';
import { writeWhole } from '../../../scripts/evaluate/job.ts';
import type { ParitySettings } from '../../../scripts/parity/request.ts';
import { ownSettings } from '../../../scripts/parity/settings.ts';
import { encodePng } from '../../../worker/images/png.ts';
import { cosine } from '../../../worker/similarity/cosine.ts';
import { distance } from '../../../worker/similarity/distance.ts';
import type { Pair } from './pairs.ts';

type Text = Awaited<ReturnType<StableDiffusionPipeline['encodeText']>>;

export interface Compared {
  /** Of the two prompts; EMBEDDING is null where the checkpoint has no embedder. */
  readonly similarity: { readonly EMBEDDING: number | null; readonly PROMPT: number };
  readonly steps: number;
  /** PNG of the second prompt, computed whole. */
  readonly whole: string;
  readonly resumed: readonly {
    readonly skipped: number;
    readonly file: string;
    /** To the one computed whole: cosine of the embeddings, and distance of the latents. */
    readonly embedding: number | null;
    readonly distance: number;
  }[];
}

export class Runs {
  readonly #pipeline: StableDiffusionPipeline;
  readonly #tokenizers: readonly ClipTokenizer[];
  readonly #settings: Omit<ParitySettings, 'start'>;
  readonly #skipped: readonly number[];

  private constructor(
    pipeline: StableDiffusionPipeline,
    tokenizers: readonly ClipTokenizer[],
    settings: Omit<ParitySettings, 'start'>,
    skipped: readonly number[],
  ) {
    this.#pipeline = pipeline;
    this.#tokenizers = tokenizers;
    this.#settings = settings;
    this.#skipped = skipped;
  }

  /**
   * @param skipped after how many steps to go on; null: a tenth to a half of all
   * @throws CheckpointError
   */
  static async open(folder: string, skipped: readonly number[] | null): Promise<Runs> {
    const settings = await ownSettings(folder);
    if (!settings) throw new Error(`there is no checkpoint in ${folder}`);
    const files = checkpointFiles(folder);
    const pipeline = await StableDiffusionPipeline.load(files, createOnnxRuntime({ folder }));
    const cards = pipeline.checkpoint.texts.map(({ tokenizer }) => readTokenizerCard(files, tokenizer));
    const tokenizers = (await Promise.all(cards)).map(card => new ClipTokenizer(card));
    const tenths = [1, 2, 3, 4, 5].map(tenth => Math.floor((settings.steps * tenth) / 10));
    return new Runs(pipeline, tokenizers, settings, skipped ?? [...new Set(tenths)].filter(step => step > 0));
  }

  /** @param path of the pictures, without what tells them apart */
  async compare({ prompts, seed }: Pair, path: string): Promise<Compared> {
    const [from, to] = [await this.#encode(prompts[0]), await this.#encode(prompts[1])];
    const most = Math.max(...this.#skipped);
    const kept = new Map<number, DenoiseStep>();
    for await (const step of this.#run(from, seed, null)) {
      kept.set(step.step, step);
      if (step.step === most) break;
    }
    const whole = await last(this.#run(to, seed, null));
    const embedded = await this.#embed(whole);
    const resumed: Compared['resumed'][number][] = [];
    for (const skipped of this.#skipped) {
      const step = kept.get(skipped);
      if (!step) throw new RangeError(`--steps ${skipped}: a run has ${kept.size} steps to go on from`);
      const { latent, schedulerState: state } = step;
      const made = await last(this.#run(to, seed, { step: skipped, latent, state }));
      const embedding = await this.#embed(made);
      resumed.push({
        skipped,
        file: await this.#save(made, `${path}-${skipped}.png`),
        embedding: embedding && embedded && cosine(embedding, embedded),
        distance: distance(made.data, whole.data),
      });
    }
    const texts = await Promise.all([from, to].map(text => this.#embedText(text)));
    return {
      similarity: {
        EMBEDDING: texts[0] && texts[1] ? cosine(texts[0], texts[1]) : null,
        PROMPT: cosine(from.pooled.data, to.pooled.data),
      },
      steps: this.#settings.steps,
      whole: await this.#save(whole, `${path}-0.png`),
      resumed,
    };
  }

  release(): Promise<void> {
    return this.#pipeline.release();
  }

  async *#run(prompt: Text, seed: number, resume: Resume | null): AsyncGenerator<DenoiseStep> {
    const { width, height, steps, guidanceScale, scheduler } = this.#settings;
    yield* this.#pipeline.denoise({
      ...prompt,
      negative: await this.#encode(''),
      seeds: [seed],
      width,
      height,
      steps,
      guidanceScale,
      scheduler: schedulerConfig(scheduler, this.#pipeline.schedulerConfig),
      resume,
    });
  }

  #encode(text: string): Promise<Text> {
    return this.#pipeline.encodeText(this.#tokenizers.map(each => each.pad(each.encode(text).ids).ids));
  }

  async #embed(latent: FloatTensor): Promise<Float32Array | null> {
    return this.#pipeline.embedder ? (await this.#pipeline.embedLatents(latent)).data : null;
  }

  async #embedText({ promptEmbeds }: Text): Promise<Float32Array | null> {
    return this.#pipeline.embedder ? (await this.#pipeline.embedTexts(promptEmbeds)).data : null;
  }

  async #save(latent: FloatTensor, file: string): Promise<string> {
    const { data, dims } = await this.#pipeline.decodeToPixels(latent);
    writeWhole(file, await encodePng(data, dims[2]!, dims[1]!));
    return file;
  }
}

async function last(steps: AsyncGenerator<DenoiseStep>): Promise<FloatTensor> {
  let latent: FloatTensor | null = null;
  for await (const step of steps) latent = step.latent;
  return latent!;
}
