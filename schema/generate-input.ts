import { builder } from './builder.ts';
import { MOST_KEY_CHARACTERS } from './idempotency.ts';
import { ReusePolicyType } from './reuse-policy.ts';
import { SchedulerType } from './scheduler.ts';
import { SdxlConditioningType } from './sdxl-input.ts';
import { StartInputType } from './start-input.ts';

/** The longest that one request waits for the end, in milliseconds. */
export const MAX_WAIT_MS = 60_000;

export const GenerateInputType = builder.inputType('GenerateInput', {
  description: 'What to make. Everything but the prompt has a default; null is the same as absent.',
  fields: t => ({
    prompt: t.string({ required: true, description: 'What the picture is to show.' }),
    negativePrompt: t.string({ description: 'What it is not to show.' }),
    checkpoint: t.string({ description: 'A checkpoint’s name; the server’s default when absent.' }),
    width: t.int({
      description: 'Pixels: a multiple of `Checkpoint.limits.multipleOf`. Default: the checkpoint’s own.',
    }),
    height: t.int({
      description: 'Pixels: a multiple of `Checkpoint.limits.multipleOf`. Default: the checkpoint’s own.',
    }),
    steps: t.int({ description: 'Denoising steps, 1 to `Checkpoint.limits.maxSteps`. Default: the checkpoint’s own.' }),
    guidanceScale: t.float({
      description:
        'How strongly the prompt steers, 0 to 100; 1 and less is without classifier-free guidance. Default: the checkpoint’s own.',
    }),
    scheduler: t.field({ type: SchedulerType, description: 'Default: the checkpoint’s own.' }),
    guidanceRescale: t.float({
      description: 'How far guidance is scaled back to the contrast of the unguided image, 0 to 1. Default 0.',
    }),
    eta: t.float({ description: 'DDIM’s η, 0 to 1: 0 adds no noise after the start, 1 as much as DDPM. Default 0.' }),
    clipSkip: t.int({
      description: 'How many of the text encoder’s last layers to leave out, as in diffusers. Default: none.',
    }),
    sdxl: t.field({
      type: SdxlConditioningType,
      description: 'What SDXL is told about sizes. UNSUPPORTED for other checkpoints.',
    }),
    seed: t.field({
      type: 'Seed',
      description: 'What the noise is drawn from; drawn at random and returned when absent. Image i uses seed + i.',
    }),
    count: t.int({ description: 'How many images, 1 to `Checkpoint.limits.maxCount`. Default 1.' }),
    start: t.field({
      type: StartInputType,
      description: 'Where denoising starts: from noise when absent, else from a picture or a latent (image to image).',
    }),
    reuse: t.field({
      type: ReusePolicyType,
      description: 'What may be used again of what was computed before; APPROXIMATE must be asked for. Default EXACT.',
    }),
    score: t.boolean({
      description:
        'Has the checkpoint’s discriminator score every image. UNSUPPORTED where it has none. Default false.',
    }),
    keep: t.int({
      description:
        'With `score`: make `count` images and keep only so many, those with the best scores. Until the end all are there. Default: all.',
    }),
    wait: t.int({
      description: `How long to wait for the end, 0 to ${MAX_WAIT_MS} milliseconds. Default 0: answers at once.`,
    }),
    idempotencyKey: t.string({
      description: `1 to ${MOST_KEY_CHARACTERS} characters of your own choice that make the request safe to send again: for 24 hours the same key with the same input (\`wait\` aside) answers with the same generation; with another input it is an IDEMPOTENCY_CONFLICT.`,
    }),
    webhook: t.string({
      description: 'An address that is called with a signed POST when the generation has ended, however it has.',
    }),
  }),
});

export type GenerateInput = typeof GenerateInputType.$inferInput;
