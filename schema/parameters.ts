import { builder } from './builder.ts';
import type { GenerationParameters, SdxlSizes } from './context.ts';
import { ReusePolicyType } from './reuse-policy.ts';
import { type SchedulerName, SchedulerType } from './scheduler.ts';

const SdxlParametersType = builder.objectRef<SdxlSizes>('SdxlParameters').implement({
  description: 'What SDXL was told about sizes, in pixels.',
  fields: t => ({
    originalWidth: t.exposeInt('originalWidth', { description: 'How wide it was said to have been.' }),
    originalHeight: t.exposeInt('originalHeight', { description: 'How high it was said to have been.' }),
    cropTop: t.exposeInt('cropTop', { description: 'How much was said to be cut off at the top.' }),
    cropLeft: t.exposeInt('cropLeft', { description: 'How much was said to be cut off on the left.' }),
    targetWidth: t.exposeInt('targetWidth', { description: 'How wide it was said to be.' }),
    targetHeight: t.exposeInt('targetHeight', { description: 'How high it was said to be.' }),
  }),
});

export const ParametersType = builder.objectRef<GenerationParameters>('Parameters').implement({
  description: 'Every parameter as it was used, defaults and drawn seed included.',
  fields: t => ({
    checkpoint: t.exposeString('checkpoint', { description: 'The checkpoint’s name.' }),
    width: t.exposeInt('width', { description: 'Pixels.' }),
    height: t.exposeInt('height', { description: 'Pixels.' }),
    steps: t.exposeInt('steps', { description: 'Denoising steps of each image.' }),
    guidanceScale: t.exposeFloat('guidanceScale', {
      description: 'How strongly the prompt steers; 1 and less is without classifier-free guidance.',
    }),
    guidanceRescale: t.exposeFloat('guidanceRescale', {
      description: 'How far guidance is scaled back to the contrast of the unguided image, 0 to 1.',
    }),
    eta: t.exposeFloat('eta', { description: 'DDIM’s η: 0 adds no noise after the start, 1 as much as DDPM.' }),
    clipSkip: t.exposeInt('clipSkip', {
      nullable: true,
      description: 'How many of the text encoder’s last layers were left out, as in diffusers. Null: none.',
    }),
    scheduler: t.field({
      type: SchedulerType,
      description: 'The scheduler.',
      resolve: parameters => parameters.scheduler as SchedulerName,
    }),
    seed: t.expose('seed', {
      type: 'Seed',
      description:
        'The first image’s seed; image i uses seed + i. Where none was asked for, with `reuse` APPROXIMATE, it is that of the steps that were used again, known once the first image is begun.',
    }),
    count: t.exposeInt('count', { description: 'How many images.' }),
    keep: t.int({
      nullable: true,
      description: 'How many images were kept, those with the best scores. Null: all.',
      resolve: ({ keep }) => keep ?? null,
    }),
    reuse: t.field({
      type: ReusePolicyType,
      description: 'What might be used again of what was computed before.',
      // Before there was a choice, everything was computed.
      resolve: ({ reuse }) => reuse ?? 'NONE',
    }),
    score: t.boolean({
      description: 'Whether the discriminator scored every image.',
      resolve: ({ score }) => score ?? false,
    }),
    startLatentKey: t.string({
      nullable: true,
      description:
        'The latent that it starts from; of a picture, its likeliest one, which is there once a backend has encoded it. Null: from noise.',
      resolve: ({ start }) => start?.latentKey ?? null,
    }),
    strength: t.float({
      nullable: true,
      description: 'How much is done anew of what it starts from. Null: it starts from noise.',
      resolve: ({ start }) => start?.strength ?? null,
    }),
    sdxl: t.field({
      type: SdxlParametersType,
      nullable: true,
      description: 'What SDXL was told about sizes. Null: the checkpoint is told nothing.',
      resolve: ({ sdxl }) => sdxl ?? null,
    }),
  }),
});
