/**
 * Stable Diffusion, the parts joined:
 *
 *     token ids ─▶ text encoder ─▶ embeddings ─┐
 *     seed ─▶ noise ─▶ x_T ─▶ [ UNet ─▶ guidance ─▶ scheduler ] × steps ─▶ x_0 ─▶ decoder ─▶ pixels
 *
 * Source: Rombach et al. 2022, https://arxiv.org/abs/2112.10752, and Podell et al. 2023, https://arxiv.org/abs/2307.01952;
 * equal to diffusers' `StableDiffusionPipeline` and `StableDiffusionXLPipeline`.
 */

import type { Posterior } from './autoencoder/posterior.ts';
import { Autoencoder } from './autoencoder.ts';
import { AutoencoderTiny } from './autoencoder-tiny.ts';
import type { CheckpointFiles } from './checkpoint/files.ts';
import { type Checkpoint, openCheckpoint } from './checkpoint/folder.ts';
import { type Conditioning, type SizeConditioning, sizeConditioning, zerosLike } from './conditioning.ts';
import { type DenoiseOptions, type DenoiseStep, denoise, type Start } from './denoise.ts';
import { Discriminator } from './discriminator.ts';
import { Embedder } from './embedder.ts';
import { LatentDecoder } from './latent-decoder.ts';
import { ParameterError } from './parameter-error.ts';
import { fromPixels, toPixels } from './pixels.ts';
import { LinearPreview } from './preview.ts';
import type { FloatTensor, Runtime, Tensor, WeightBytes } from './runtime.ts';
import { TextConditioning } from './text-conditioning.ts';
import { UNet } from './unet.ts';
import { UnsupportedError } from './unsupported.ts';

/** The stages whose sessions can be created ahead of their first use. */
export type LoadableStage = 'TEXT_ENCODE' | 'IMAGE_ENCODE' | 'DENOISE' | 'DECODE' | 'EMBED' | 'SCORE';

/**
 * What a run starts from, in place of noise: a picture `[1 or images, 3, height, width] float32` in -1..1, of which each
 * image samples a latent of its own, such a picture as `encode` has it, or a latent as `denoise` yields it, `[1 or images,
 * channels, height/8, width/8]`.
 */
export type PipelineStart = Pick<Start, 'strength'> &
  ({ readonly image: FloatTensor } | { readonly posterior: Posterior } | { readonly latent: FloatTensor });

export interface PipelineOptions extends Omit<DenoiseOptions, 'start'> {
  /** What SDXL's UNet is told about sizes; other UNets are told nothing. */
  readonly sizes?: SizeConditioning | null;
  readonly start?: PipelineStart | null;
}

/** What of a checkpoint is to run. */
export interface PipelineParts {
  /** Whether pictures are to be encoded; false: the weights need not have the encoder's half. Default: they are. */
  readonly encoder?: boolean;
}

/**
 * A checkpoint that runs. Sessions are created when a stage is first used.
 *
 * @example
 * const pipeline = await StableDiffusionPipeline.load(checkpointFiles(folder), createOnnxRuntime({ folder }));
 * const prompt = await pipeline.encodeText([ids]);
 * const negative = await pipeline.encodeText([negativeIds]);
 * for await (const { step, steps, latent } of pipeline.denoise({
 *   ...prompt, negative, seeds: [42], width: 128, height: 128,
 *   scheduler: { ...pipeline.schedulerConfig, _class_name: 'DDIMScheduler' }, steps: 20, guidanceScale: 3,
 * })) { … }
 * const pixels = await pipeline.decodeToPixels(latent);
 */
export class StableDiffusionPipeline {
  readonly checkpoint: Checkpoint;
  readonly texts: TextConditioning;
  readonly unet: UNet;
  readonly autoencoder: Autoencoder;
  /** Small pictures of latents on their way, without a network; null where the folder has no `preview/`. */
  readonly preview: LinearPreview | null;
  /** Quick pictures of latents on their way; null where the folder has no `preview_decoder/`. */
  readonly previewDecoder: AutoencoderTiny | null;
  /** Brings latents and texts into one space; null where the folder has no `embedder/`. */
  readonly embedder: Embedder | null;
  /** Tells pictures like the data from others; null where the folder has no `discriminator/`. */
  readonly discriminator: Discriminator | null;
  /** What each of its sessions takes once it is created. */
  readonly sessions: readonly WeightBytes[];
  /** Makes pictures of latents. */
  readonly decoder: LatentDecoder;

  /**
   * @param preview the checkpoint's, read: it holds its weights itself
   * @throws CheckpointError when a config is not one that is supported, the parts do not fit together, or a weight is
   *   missing or has another shape
   */
  constructor(
    checkpoint: Checkpoint,
    runtime: Runtime,
    preview: LinearPreview | null = null,
    options: PipelineParts = {},
  ) {
    this.checkpoint = checkpoint;
    this.preview = preview;
    this.texts = new TextConditioning(checkpoint, runtime);
    this.unet = new UNet(checkpoint.unet, runtime);
    this.autoencoder = new Autoencoder(checkpoint.vae, runtime, { decodesOnly: options.encoder === false });
    this.decoder = new LatentDecoder(this.autoencoder, checkpoint.latentStatistics);
    const { previewDecoder, embedder, discriminator } = checkpoint;
    this.previewDecoder = previewDecoder && new AutoencoderTiny(previewDecoder, runtime);
    this.embedder = embedder && new Embedder(embedder, runtime);
    this.discriminator = discriminator && new Discriminator(discriminator, runtime);
    this.#expectFit();
    this.sessions = this.#parts.flatMap(part => part.check());
  }

  get #parts() {
    const { texts, unet, autoencoder, previewDecoder, embedder, discriminator } = this;
    return [texts, unet, autoencoder, previewDecoder, embedder, discriminator].filter(part => part !== null);
  }

  #expectFit(): void {
    const { config } = this.checkpoint.unet;
    const { inChannels, outChannels, contextWidth, addition } = this.unet.config;
    const { latentChannels } = this.autoencoder.config;
    if (inChannels !== latentChannels)
      throw config.error('in_channels', `the autoencoder's ${latentChannels}`, inChannels);
    if (outChannels !== inChannels) throw config.error('out_channels', `in_channels, ${inChannels}`, outChannels);
    for (const name of ['preview', 'previewDecoder'] as const) {
      const previewed = this[name]?.config.latentChannels ?? latentChannels;
      if (previewed === latentChannels) continue;
      throw this.checkpoint[name]!.config.error('latent_channels', `the autoencoder's ${latentChannels}`, previewed);
    }
    const { width, pooledWidth } = this.texts;
    if (this.embedder) {
      const { latentChannels: embedded, textWidth } = this.embedder.config;
      const embedder = this.checkpoint.embedder!.config;
      if (embedded !== latentChannels) {
        throw embedder.error('latent_channels', `the autoencoder's ${latentChannels}`, embedded);
      }
      if (textWidth !== width) throw embedder.error('text_width', `the text encoder's ${width}`, textWidth);
    }
    if (contextWidth !== width) throw config.error('cross_attention_dim', `the text encoder's ${width}`, contextWidth);
    if (!addition) return;
    const told = pooledWidth + sizeConditioning([0, 0]).prompt.data.length * addition.frequencies;
    if (addition.inputWidth !== told) {
      throw config.error(
        'projection_class_embeddings_input_dim',
        `${told}, for pooled text and sizes`,
        addition.inputWidth,
      );
    }
  }

  /**
   * Opens a checkpoint's folder. Reads configs and headers, no weights but the preview's few kilobytes.
   * @param files the folder
   * @param runtime creates sessions over the same folder
   * @throws CheckpointError naming file, key, what was expected and what was found
   */
  static async load(
    files: CheckpointFiles,
    runtime: Runtime,
    options: PipelineParts = {},
  ): Promise<StableDiffusionPipeline> {
    const checkpoint = await openCheckpoint(files);
    const preview = checkpoint.preview && (await LinearPreview.load(checkpoint.preview, files));
    return new StableDiffusionPipeline(checkpoint, runtime, preview, options);
  }

  /** The checkpoint's own `scheduler_config.json`. */
  get schedulerConfig(): Readonly<Record<string, unknown>> {
    return this.checkpoint.scheduler.values;
  }

  /** `[channels, height, width]` of the latents of a picture of this size. @throws RangeError */
  latentShape(width: number, height: number): [number, number, number] {
    const { scale, latentChannels } = this.autoencoder.config;
    for (const side of [width, height]) {
      if (!Number.isSafeInteger(side) || side < scale || side % scale !== 0) {
        throw new ParameterError(`a side of ${side} pixels: expected a multiple of ${scale}`);
      }
    }
    return [latentChannels, height / scale, width / scale];
  }

  /**
   * One prompt as the UNet wants it, in rows of one.
   * @param ids token ids: a padded list for each text encoder
   * @param options.clipSkip how many of the last layers to leave out, as diffusers counts; it does so for the prompt, and
   *   never for the negative one
   * @throws RangeError, CheckpointError, ModelError
   */
  encodeText(
    ids: readonly (readonly number[])[],
    options: { clipSkip?: number | null } = {},
  ): Promise<Conditioning & { readonly pooled: FloatTensor }> {
    return this.texts.encode(ids, options.clipSkip ?? 0);
  }

  /**
   * What stands for a negative prompt that is not there, where the checkpoint has something for that: zeros, of the
   * prompt's shape. Null where an empty text is to be encoded.
   */
  noPrompt(prompt: Conditioning): Conditioning | null {
    return this.checkpoint.zerosForNoPrompt ? zerosLike(prompt) : null;
  }

  /**
   * The reverse process: yields the latents after every call of the UNet. Nothing is computed that is not asked for:
   * leave the loop, or abort the signal, and it stops.
   * @throws RangeError when an option is out of range; UnsupportedError when the scheduler is not supported;
   *   CheckpointError; ModelError when a step holds NaN or infinity; the signal's reason when it is aborted
   */
  async *denoise(options: PipelineOptions): AsyncGenerator<DenoiseStep, void, void> {
    const { contextWidth } = this.unet.config;
    const [, , embeds] = options.promptEmbeds.dims;
    if (embeds !== contextWidth) throw new ParameterError(`prompt embeddings of ${embeds}, expected ${contextWidth}`);
    const latentShape = this.latentShape(options.width, options.height);
    const start = options.start ? await this.#start(options.start, options) : null;
    yield* denoise(this.unet, latentShape, { ...options, ...this.#told(options), start });
  }

  /** What the UNet is told of sizes, where it wants to know. */
  #told({ negative = null, sizes, start, width, height }: PipelineOptions): Partial<DenoiseOptions> {
    if (!this.unet.config.addition) return {};
    const told = sizeConditioning([height, width], sizes ?? {}, Boolean(start));
    return { timeIds: told.prompt, negative: negative && { ...negative, timeIds: told.negative } };
  }

  async #start(start: PipelineStart, { width, height }: PipelineOptions): Promise<Start> {
    const { strength } = start;
    if ('latent' in start) return { strength, original: () => start.latent };
    const posterior = 'posterior' in start ? start.posterior : await this.encode(start.image);
    const [, , rows = 0, columns = 0] = posterior.mean.dims;
    const { scale } = this.autoencoder.config;
    if (rows * scale !== height || columns * scale !== width) {
      throw new ParameterError(
        `a start of ${columns * scale} x ${rows * scale} pixels for a picture of ${width} x ${height}`,
      );
    }
    return { strength, original: draw => this.scaleLatent(posterior.sample(draw())) };
  }

  /**
   * @param latent `[batch, channels, height/8, width/8] float32`, as `denoise` yields it
   * @returns `[batch, 3, height, width] float32`, about -1..1, not clamped
   * @throws RangeError when it is not such, ModelError
   */
  async decode(latent: FloatTensor, options: { signal?: AbortSignal } = {}): Promise<FloatTensor> {
    return this.decoder.decode(latent, options);
  }

  /** `decode`, as `[batch, height, width, 3] uint8`. @throws RangeError, ModelError */
  async decodeToPixels(latent: FloatTensor, options: { signal?: AbortSignal } = {}): Promise<Tensor<Uint8Array>> {
    return this.decoder.decodeToPixels(latent, options);
  }

  /**
   * A small picture of a latent on its way, without a call of any network. What a step leaves is mostly noise until the
   * last ones: `originalEstimates` makes of it what the model sees in it.
   * @param latent `[batch, channels, height/8, width/8] float32`, as `denoise` yields it
   * @returns `[batch, height/8 × pixels, width/8 × pixels, 3] uint8`; null where the checkpoint has no preview
   * @throws RangeError when it is not such
   */
  previewOf(latent: FloatTensor): Tensor<Uint8Array> | null {
    return this.preview?.picture(latent) ?? null;
  }

  /**
   * `decodeToPixels` by the preview decoder: quick, and not quite the same picture.
   * @returns null where the checkpoint has no preview decoder
   * @throws RangeError, ModelError
   */
  async previewToPixels(latent: FloatTensor): Promise<Tensor<Uint8Array> | null> {
    return this.previewDecoder && toPixels(await this.previewDecoder.decode(latent));
  }

  /**
   * @param image `[batch, 3, height, width] float32` in -1..1
   * @returns the latents it may have, not scaled: `scaleLatent` makes them what `denoise` and `decode` work with
   * @throws RangeError, ModelError; UnsupportedError when the pipeline was loaded without the encoder
   */
  async encode(image: FloatTensor): Promise<Posterior> {
    this.latentShape(image.dims[3] ?? 0, image.dims[2] ?? 0);
    return this.autoencoder.encode(image);
  }

  /** A latent of the autoencoder as `denoise` and `decode` work with it. */
  scaleLatent(latent: FloatTensor): FloatTensor {
    return this.decoder.scale.toUNet(latent);
  }

  /**
   * @param latent `[batch, channels, height/8, width/8] float32`, as `denoise` yields it
   * @returns `[batch, size] float32`, of length 1 each: where the pictures are in the space of the embedder
   * @throws UnsupportedError when the checkpoint has no embedder; RangeError, CheckpointError, ModelError
   */
  async embedLatents(latent: FloatTensor): Promise<FloatTensor> {
    return this.#embedder().embedLatents(latent);
  }

  /**
   * @param promptEmbeds `[batch, sequence, width] float32`: what `encodeText` makes of texts, without clip skip
   * @returns `[batch, size] float32`, of length 1 each: where the texts are in the same space
   * @throws UnsupportedError when the checkpoint has no embedder; RangeError, CheckpointError, ModelError
   */
  async embedTexts(promptEmbeds: FloatTensor): Promise<FloatTensor> {
    return this.#embedder().embedTexts(promptEmbeds);
  }

  #embedder(): Embedder {
    if (this.embedder) return this.embedder;
    throw new UnsupportedError('an embedding by this checkpoint', 'one with an embedder');
  }

  /**
   * Whether pictures look like the data that the checkpoint learned from: `discriminator.isReal` tells what of a score.
   * @param pixels `[batch, height, width, 3] uint8`
   * @returns `[batch] float32`, from 0 to 1
   * @throws UnsupportedError when the checkpoint has no discriminator; RangeError, CheckpointError, ModelError
   */
  async score(pixels: Tensor<Uint8Array>): Promise<FloatTensor> {
    if (this.discriminator) return this.discriminator.score(fromPixels(pixels));
    throw new UnsupportedError('a score by this checkpoint', 'one with a discriminator');
  }

  /** Creates sessions now instead of at first use. @throws CheckpointError */
  async warm(stages: readonly LoadableStage[] = ['TEXT_ENCODE', 'DENOISE', 'DECODE']): Promise<void> {
    if (stages.includes('TEXT_ENCODE')) await this.texts.load();
    if (stages.includes('IMAGE_ENCODE')) await this.autoencoder.loadEncoder();
    if (stages.includes('DENOISE')) await this.unet.load();
    if (stages.includes('DECODE')) await this.autoencoder.loadDecoder();
    if (stages.includes('EMBED')) await this.embedder?.load();
    if (stages.includes('SCORE')) await this.discriminator?.load();
  }

  /** Frees every session. The pipeline can be used again, and then creates them anew. */
  async release(): Promise<void> {
    await Promise.all(this.#parts.map(part => part.release()));
  }
}
