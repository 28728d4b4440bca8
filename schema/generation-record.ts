import { builder } from './builder.ts';
import type { GenerationRecord } from './context.ts';

export const GenerationRecordType = builder.objectRef<GenerationRecord>('GenerationRecord').implement({
  description: 'All that is needed, beside `parameters`, to make the same images again, here or with diffusers.',
  fields: t => ({
    checkpointDigest: t.exposeString('checkpointDigest', {
      description: 'The digest of the checkpoint that was used.',
    }),
    tokenIds: t.intList({
      description:
        'What the text encoder (the first, where there are several) was given, begin, end and padding included.',
      resolve: record => [...record.tokenIds],
    }),
    negativeTokenIds: t.intList({
      description: 'The same of the negative prompt. Empty without classifier-free guidance, which does not read it.',
      resolve: record => [...record.negativeTokenIds],
    }),
    seed: t.expose('seed', { type: 'Seed', description: 'The first image’s seed.' }),
    noise: t.exposeString('noise', { description: 'How the noise was drawn from the seed.' }),
    scheduler: t.exposeString('scheduler', {
      description: 'The scheduler’s full config in diffusers’ words, as JSON.',
    }),
    dtype: t.exposeString('dtype', { description: 'The precision of the computation.' }),
    executionProvider: t.exposeString('executionProvider', {
      description: 'What computed it, such as `cpu` or `cuda`.',
    }),
    runtime: t.exposeString('runtime', { description: 'The runtime and its version.' }),
    darkroom: t.exposeString('darkroom', { description: 'Darkroom’s own version.' }),
    kinds: t.stringList({
      description: 'Every kind of backend that had a part in it, in order. Empty where that was not noted.',
      resolve: record => [...(record.kinds ?? [])],
    }),
  }),
});
