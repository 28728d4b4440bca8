import { builder } from './builder.ts';
import type { Failure, GenerationState, StageTiming } from './context.ts';
import { ErrorInterface } from './error-types.ts';
import { costs } from './field-cost.ts';
import { GenerationRecordType } from './generation-record.ts';
import { GenerationStatusType, StageType } from './generation-status.ts';
import { ImageType } from './image.ts';
import { MOST_IMAGES } from './most-images.ts';
import { idWithin, NodeInterface, nodeId } from './node.ts';
import { ParametersType } from './parameters.ts';
import { ongoing, PreviewType, ProgressType } from './progress.ts';
import { PromptReportType } from './prompt-report.ts';
import { leastReuse, ReuseType } from './reuse.ts';
import { WebhookAttemptType } from './webhook.ts';

const StageTimingType = builder.objectRef<StageTiming>('StageTiming').implement({
  description: 'How long a part of the work took.',
  fields: t => ({
    stage: t.field({ type: StageType, description: 'The part.', resolve: timing => timing.stage }),
    ms: t.exposeFloat('ms', { description: 'Milliseconds.' }),
    backend: t.exposeString('backend', {
      nullable: true,
      description: 'The backend that did it; null for the worker itself.',
    }),
    cached: t.exposeBoolean('cached', {
      description: 'Whether the result was there already, or on its way for somebody else.',
    }),
  }),
});

export const FailureType = builder.objectRef<Failure>('Failure').implement({
  description: 'Why a generation failed.',
  interfaces: [ErrorInterface],
  fields: t => ({
    stage: t.field({
      type: StageType,
      nullable: true,
      description: 'The part of the work that failed, where it is known.',
      resolve: failure => failure.stage,
    }),
    retryable: t.exposeBoolean('retryable', { description: 'Whether the same request may succeed later.' }),
  }),
});

export const GenerationType = builder.objectRef<GenerationState>('Generation');

GenerationType.implement({
  description: 'A prompt on its way to pictures, or there. Kept after it ended.',
  interfaces: [NodeInterface],
  fields: t => ({
    id: t.id({
      description: 'For `generation` and `node`.',
      resolve: generation => nodeId('Generation', generation.id),
    }),
    status: t.field({
      type: GenerationStatusType,
      description: 'How far it is.',
      resolve: generation => generation.status,
    }),
    progress: t.field({
      type: ProgressType,
      description: 'How many steps are done.',
      resolve: generation => generation,
    }),
    preview: t.field({
      type: PreviewType,
      nullable: true,
      description: 'The picture so far, while denoising; of several, the one that is being made.',
      resolve: generation => ongoing(generation, 'preview'),
    }),
    prompt: t.exposeString('prompt', { description: 'What it is to show.' }),
    negativePrompt: t.exposeString('negativePrompt', {
      description: 'What it is not to show; empty when none was given.',
    }),
    report: t.field({
      type: PromptReportType,
      description: 'What was said about the prompt when it was accepted: truncation, unknown words.',
      resolve: generation => generation.report,
    }),
    parameters: t.field({
      type: ParametersType,
      description: 'Every parameter as it was used, defaults and drawn seed included.',
      resolve: generation => generation.parameters,
    }),
    images: t.field({
      type: [ImageType],
      description: 'The pictures; empty until there are any.',
      // How many there are is known only once they are read. Most generations have one: were each taken for the most,
      // no two could be asked for with their images as dataUri.
      extensions: costs({ size: () => MOST_IMAGES, inlineSize: () => 1 }),
      resolve: generation => [...generation.images],
    }),
    reuse: t.field({
      type: ReuseType,
      nullable: true,
      description:
        'What was not computed again: with several images, the least that any of them was spared. Null until all are there.',
      resolve: leastReuse,
    }),
    timings: t.field({
      type: [StageTimingType],
      description: 'How long each part of the work took, as far as it is done.',
      resolve: generation => [...generation.timings],
    }),
    record: t.field({
      type: GenerationRecordType,
      nullable: true,
      description:
        'All that is needed to make the same images again; with `reuse` APPROXIMATE, beside the steps that each image’s `reuse` names. Null until a backend has taken the work.',
      resolve: generation => generation.record,
    }),
    failure: t.field({
      type: FailureType,
      nullable: true,
      description: 'Why it failed; null unless `status` is FAILED.',
      resolve: generation => generation.failure,
    }),
    webhookAttempts: t.field({
      type: [WebhookAttemptType],
      description: 'The calls of `webhook` so far, oldest first; they begin when it has ended.',
      resolve: generation => [...(generation.webhookAttempts ?? [])],
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was accepted.' }),
    finishedAt: t.expose('finishedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it ended; null until then.',
    }),
  }),
});

builder.queryField('generation', t =>
  t.field({
    type: GenerationType,
    nullable: true,
    description: 'A generation by its id. Null for an id that is unknown, deleted or malformed.',
    args: { id: t.arg.id({ required: true, description: 'The generation’s id.' }) },
    resolve: (_, args, { services }) => {
      const id = idWithin('Generation', args.id);
      return id === null ? null : services.generations.find(id);
    },
  }),
);
