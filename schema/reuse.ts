import { builder } from './builder.ts';
import type { GenerationState, ReuseState } from './context.ts';
import { LatentType } from './latent.ts';
import { ReusePolicyType } from './reuse-policy.ts';

export const ReuseType = builder.objectRef<ReuseState>('Reuse').implement({
  description: 'What was not computed again, and where it came from.',
  fields: t => ({
    kind: t.field({
      type: ReusePolicyType,
      description:
        'NONE: everything was computed. EXACT: something was there already, the same to the byte. APPROXIMATE: the first steps were those of a similar prompt.',
      resolve: reuse => reuse.kind,
    }),
    skippedSteps: t.exposeInt('skippedSteps', {
      description: 'Denoising steps that were not done. All of them where the image itself was there already.',
    }),
    ofSteps: t.exposeInt('ofSteps', { description: 'Of how many.' }),
    skippedTextEncoding: t.exposeBoolean('skippedTextEncoding', {
      description: 'Whether the text encoders were not asked.',
    }),
    skippedDecoding: t.exposeBoolean('skippedDecoding', { description: 'Whether nothing was decoded.' }),
    source: t.field({
      type: LatentType,
      nullable: true,
      description:
        'The latent that the skipped steps had led to, with APPROXIMATE that of the similar prompt. Null where none were skipped, or it is deleted.',
      resolve: ({ sourceKey }, _, { services }) => (sourceKey === null ? null : services.latents.find(sourceKey)),
    }),
    similarity: t.exposeFloat('similarity', {
      nullable: true,
      description: 'With APPROXIMATE: how alike the prompts are, from -1 to 1. Null where it was the same one.',
    }),
  }),
});

/** Null until all images are there. */
export function leastReuse({ status, images }: GenerationState): ReuseState | null {
  const all = images.flatMap(({ reuse }) => reuse ?? []);
  if (status !== 'SUCCEEDED' || all.length < images.length || all.length === 0) return null;
  const least = all.reduce((a, b) => (b.skippedSteps < a.skippedSteps ? b : a));
  const skippedTextEncoding = all.every(reuse => reuse.skippedTextEncoding);
  const skippedDecoding = all.every(reuse => reuse.skippedDecoding);
  const isNothing = least.skippedSteps === 0 && !skippedTextEncoding && !skippedDecoding;
  // A picture that was the start may be all that was there already.
  const kind = isNothing && all.some(reuse => reuse.kind === 'NONE') ? 'NONE' : least.kind;
  return { ...least, kind, skippedTextEncoding, skippedDecoding };
}
