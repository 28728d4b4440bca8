import { builder, type ResolverContext } from './builder.ts';
import { findCheckpoint } from './checkpoint.ts';
import { type GenerationStart, type GenerationState, type PromptReport, RetryLater } from './context.ts';
import { InputError, PromptError, RequestError } from './errors.ts';
import { costs, sizeUpTo } from './field-cost.ts';
import { type GenerateInput, GenerateInputType } from './generate-input.ts';
import { GenerationType } from './generation.ts';
import { readParameters } from './generation-parameters.ts';
import { idempotencyOf, keyIssues } from './idempotency.ts';
import { MOST_IMAGES } from './most-images.ts';
import { checkScheduler } from './scheduler.ts';
import { checkScore } from './score.ts';
import { checkSizes } from './sdxl-input.ts';
import { webhookIssues } from './webhook.ts';

export interface GenerateSuccess {
  readonly generation: GenerationState;
  readonly replayed: boolean;
}

const GenerateSuccessType = builder.objectRef<GenerateSuccess>('GenerateSuccess').implement({
  description: 'The generation was accepted; how it ends is in its `status` and `failure`.',
  fields: t => ({
    generation: t.field({
      type: GenerationType,
      description: 'The generation.',
      resolve: success => success.generation,
    }),
    replayed: t.exposeBoolean('replayed', {
      description: 'Whether an earlier request with the same `idempotencyKey` had made it.',
    }),
  }),
});

builder.mutationField('generate', t =>
  t.field({
    type: GenerateSuccessType,
    nullable: true,
    description:
      'Creates a generation. With `wait`, answers when it ends or when the wait is over, whichever is first.',
    args: { input: t.arg({ type: GenerateInputType, required: true, description: 'What to make.' }) },
    errors: {
      types: [PromptError, InputError, RetryLater, RequestError],
      union: { name: 'GenerateResult', description: 'A generation that was accepted, or why it was not.' },
    },
    // Other than in a list, the number of images is known here, one level above them.
    extensions: costs({ inlineSize: args => sizeUpTo(MOST_IMAGES, (args.input as GenerateInput).count ?? 1) }),
    resolve: (_, { input }, context) => generate(input, context),
  }),
);

const START_FROM = ['input', 'start', 'from'];

/**
 * What the mutation does, and whatever else creates generations.
 * @throws InputError, PromptError, RequestError, RetryLater
 */
export async function generate(
  input: GenerateInput,
  { services, reportFault }: Pick<ResolverContext, 'services' | 'reportFault'>,
): Promise<GenerateSuccess> {
  const card = await findCheckpoint(services.checkpoints, input.checkpoint);
  const { parameters, wait, issues: parameterIssues } = readParameters(card, input);
  const issues = [
    ...parameterIssues,
    ...keyIssues(input.idempotencyKey),
    ...webhookIssues(input.webhook, services.generations),
  ];
  const negativePrompt = input.negativePrompt ?? '';
  const report = fromInput(services.prompts.check(card, input.prompt, negativePrompt));
  // With other faults, the prompt's are told along with them: a caller should not find them one at a time.
  if (issues.length > 0) throw new InputError([...issues, ...report.errors]);
  if (!report.allowed) throw new PromptError(report);
  checkScheduler(card, parameters);
  checkSizes(card, input.sdxl);
  checkScore(card, parameters.score ?? false);
  // Last, for it takes the most time.
  const read = input.start && (await services.starts.read(input.start.from, card, parameters, START_FROM));
  const start: GenerationStart | null = read
    ? { from: read.from, latentKey: read.latentKey, strength: input.start!.strength }
    : null;
  const { state: created, replayed } = await services.generations.create({
    card,
    prompt: input.prompt,
    negativePrompt,
    report,
    parameters: { ...parameters, start },
    startContent: read?.content ?? null,
    idempotency: idempotencyOf(input, start),
    webhook: input.webhook ?? null,
  });
  if (wait === 0) return { generation: created, replayed };
  // It was accepted: whatever goes wrong from here on, the caller must be told its id.
  const newest = await services.generations.wait(created.id, wait).catch((fault: unknown) => {
    reportFault(fault, 'generate.wait');
    return null;
  });
  return { generation: newest ?? created, replayed };
}

/** The prompt service names `["prompt"]`; here the path goes from the argument on. */
function fromInput(report: PromptReport): PromptReport {
  return { ...report, errors: report.errors.map(({ path, message }) => ({ path: ['input', ...path], message })) };
}
