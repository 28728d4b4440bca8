import { builder } from './builder.ts';
import type { GenerationParameters } from './context.ts';
import { type SchedulerName, SchedulerType } from './scheduler.ts';

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
    seed: t.expose('seed', { type: 'Seed', description: 'The first image’s seed; image i uses seed + i.' }),
    count: t.exposeInt('count', { description: 'How many images.' }),
  }),
});
