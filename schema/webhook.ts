import { builder } from './builder.ts';
import type { GenerationService, InputIssue, WebhookAttempt } from './context.ts';

export const WebhookAttemptType = builder.objectRef<WebhookAttempt>('WebhookAttempt').implement({
  description: 'A call of the `webhook` that was asked for.',
  fields: t => ({
    at: t.expose('at', { type: 'DateTime', description: 'When it was made.' }),
    status: t.exposeInt('status', {
      nullable: true,
      description: 'The HTTP status that was answered; null where nothing was.',
    }),
    error: t.exposeString('error', {
      nullable: true,
      description: 'Why it counts as not delivered; null where it was.',
    }),
  }),
});

/** What is wrong with an address that is to be called at the end, and with asking this server for it. */
export function webhookIssues(
  webhook: string | null | undefined,
  generations: Pick<GenerationService, 'takesWebhooks' | 'webhookIssue'>,
): readonly InputIssue[] {
  if (webhook == null) return [];
  const message = generations.takesWebhooks ? generations.webhookIssue(webhook) : NO_SECRET;
  return message === null ? [] : [{ path: ['input', 'webhook'], message }];
}

const NO_SECRET =
  'webhook cannot be called: the server has no WEBHOOK_SECRET to sign with. Leave it out, or have the operator set one';
