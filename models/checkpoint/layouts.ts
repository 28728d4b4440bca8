/** What a pipeline's class says about a folder: which parts it has and how they are joined. */
export interface Layout {
  /** In the order in which the UNet wants what they make. */
  readonly texts: readonly {
    readonly encoder: string;
    readonly tokenizer: string;
    readonly classes: readonly string[];
    /** Whether the index may say that it is not there. */
    readonly optional?: boolean;
  }[];
  /** What the UNet attends to: the last layer's states, normalised, or those before the last layer, as they are. */
  readonly textStates: 'last' | 'penultimate';
  /** Whether the class knows `force_zeros_for_empty_prompt`, which then is true by default. */
  readonly zerosForNoPrompt: boolean;
  /** Whether the class looks at `latents_mean` and `latents_std` of the autoencoder. */
  readonly latentStatistics: boolean;
  /** Whether the class corrects scheduler configs as old as the first Stable Diffusion. */
  readonly correctsScheduler: boolean;
}

const one: Layout = {
  texts: [{ encoder: 'text_encoder', tokenizer: 'tokenizer', classes: ['CLIPTextModel'] }],
  textStates: 'last',
  zerosForNoPrompt: false,
  latentStatistics: false,
  correctsScheduler: true,
};

const two: Layout = {
  texts: [
    {
      encoder: 'text_encoder',
      tokenizer: 'tokenizer',
      classes: ['CLIPTextModel', 'CLIPTextModelWithProjection'],
      optional: true,
    },
    { encoder: 'text_encoder_2', tokenizer: 'tokenizer_2', classes: ['CLIPTextModelWithProjection'] },
  ],
  textStates: 'penultimate',
  zerosForNoPrompt: true,
  latentStatistics: true,
  correctsScheduler: false,
};

/** By the class that `model_index.json` names: a pipeline saved from image to image has the same parts. */
export const layouts: Readonly<Record<string, Layout>> = {
  StableDiffusionPipeline: one,
  StableDiffusionImg2ImgPipeline: one,
  StableDiffusionXLPipeline: two,
  StableDiffusionXLImg2ImgPipeline: two,
};
