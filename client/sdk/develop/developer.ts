import type { Conditioning } from '../../../models/conditioning.ts';
import { generationDefaults } from '../../../models/generation/defaults.ts';
import { generationLimits } from '../../../models/generation/limits.ts';
import type { StableDiffusionPipeline } from '../../../models/pipeline.ts';
import { originalEstimates } from '../../../models/preview/estimate.ts';
import type { FloatTensor } from '../../../models/runtime.ts';
import { schedulerConfig } from '../../../models/schedulers/names.ts';
import { readTokenizerCard } from '../../../models/tokenizer/card.ts';
import { ClipTokenizer } from '../../../models/tokenizer.ts';
import type { Decoder } from '../decode/decoder.ts';
import { type Pixels, pixelsOf } from '../in-browser/pixels.ts';
import { Development } from './development.ts';
import { type DevelopOptions, type Own, type Settings, settingsOf } from './request.ts';

/** How far a picture is. */
export interface Developing {
  readonly step: number;
  readonly steps: number;
  /** What the model sees in it at this step, small; null at the first and the last, and where the checkpoint has no preview. */
  readonly preview: Pixels | null;
}

/** A picture that is done. */
export interface Developed extends Pixels {
  /** `[1, channels, height/8, width/8]`: what the picture was decoded of. */
  readonly latent: FloatTensor;
  /** What it was made with, defaults and drawn seed included. */
  readonly settings: Settings;
}

/** Makes pictures of prompts, here, as the server would. */
export class Developer {
  readonly decoder: Decoder;
  /** What is used for what is left out, and what is accepted. */
  readonly own: Own;
  readonly #pipeline: StableDiffusionPipeline;
  readonly #tokenizers: readonly ClipTokenizer[];

  private constructor(
    pipeline: StableDiffusionPipeline,
    decoder: Decoder,
    own: Own,
    tokenizers: readonly ClipTokenizer[],
  ) {
    this.#pipeline = pipeline;
    this.decoder = decoder;
    this.own = own;
    this.#tokenizers = tokenizers;
  }

  /** @throws CheckpointError */
  static async of(pipeline: StableDiffusionPipeline, decoder: Decoder): Promise<Developer> {
    const { checkpoint, unet, autoencoder, schedulerConfig: scheduler } = pipeline;
    const [height, width] = unet.config.sampleSize;
    const { scale } = autoencoder.config;
    const defaults = await generationDefaults(checkpoint, width * scale, height * scale);
    const own = { defaults, limits: generationLimits(pipeline), scheduler };
    const cards = checkpoint.texts.map(({ tokenizer }) => readTokenizerCard(checkpoint.files, tokenizer));
    const tokenizers = (await Promise.all(cards)).map(card => new ClipTokenizer(card));
    return new Developer(pipeline, decoder, own, tokenizers);
  }

  /**
   * Iterate over it for every step, await it for the picture: the server's for the same prompt and settings, but for
   * roundings. Leave the loop, or abort the signal, and it stops.
   * Rejects with InputError as the server would, ModelError when a step holds NaN or infinity, the signal's reason.
   *
   * @example
   * const development = developer.develop('a cat on a red background', { seed: 7 });
   * for await (const { step, steps, preview } of development) show(step / steps, preview);
   * show(await development);
   */
  develop(prompt: string, options: DevelopOptions = {}): Development<Developing, Developed> {
    return new Development(this.#develop(prompt, options));
  }

  async *#develop(prompt: string, options: DevelopOptions): AsyncGenerator<Developing, Developed, void> {
    const settings = settingsOf(prompt, options, this.own);
    const { signal } = options;
    signal?.throwIfAborted();
    const { steps, eta, guidanceScale, width, height, seed } = settings;
    const scheduler = schedulerConfig(settings.scheduler, this.own.scheduler);
    const estimates = originalEstimates(scheduler, { steps, eta, strength: 1 });
    const conditionings = await this.#conditionings(settings);
    const run = this.#pipeline.denoise({
      ...conditionings,
      ...{ scheduler, steps, eta, guidanceScale, width, height },
      guidanceRescale: settings.guidanceRescale,
      // The noise depends on the low 32 bits alone.
      seeds: [seed % 2 ** 32],
      ...(signal && { signal }),
    });
    let latent: FloatTensor | null = null;
    for await (const each of run) {
      const shown = latent && each.step < each.steps ? estimates(latent, each.modelOutput, each.step) : null;
      latent = each.latent;
      const preview = shown && this.#pipeline.previewOf(shown);
      yield { step: each.step, steps: each.steps, preview: preview && pixelsOf(preview) };
    }
    if (latent === null) throw new Error('the scheduler took no step');
    signal?.throwIfAborted();
    const picture = await this.decoder.decode(latent);
    return { ...picture, latent, settings };
  }

  /** Frees what the models take in memory; developing again loads them again. */
  async release(): Promise<void> {
    await this.#pipeline.release();
  }

  /** As in diffusers: without guidance there is no negative prompt, and zeros may stand for one that was not given. */
  async #conditionings({
    prompt,
    negativePrompt,
    guidanceScale,
    clipSkip,
  }: Settings): Promise<Conditioning & { readonly negative: Conditioning | null }> {
    const idsOf = (text: string) => this.#tokenizers.map(each => each.pad(each.encode(text).ids).ids);
    const own = await this.#pipeline.encodeText(idsOf(prompt), { clipSkip });
    if (guidanceScale <= 1) return { ...own, negative: null };
    const none = negativePrompt === '' ? this.#pipeline.noPrompt(own) : null;
    return { ...own, negative: none ?? (await this.#pipeline.encodeText(idsOf(negativePrompt))) };
  }
}
