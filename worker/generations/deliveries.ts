/** Telling a caller's address of the end, until it has been told. */
import type { GenerationState, WebhookAttempt } from '../../schema/context.ts';
import { deliver, isFinal } from '../webhooks/deliver.ts';
import { webhookBody } from '../webhooks/payload.ts';
import { nextAttemptAfter } from '../webhooks/schedule.ts';
import type { WebhookFetch } from '../webhooks/webhook-fetch.ts';

export interface DeliveryOptions {
  readonly url: string;
  /** As WEBHOOK_SECRET has it. */
  readonly secret: string;
  readonly fetch: WebhookFetch;
}

/** Milliseconds until the next attempt; null where there is to be none. */
export function nextDeliveryAfter(attempts: readonly WebhookAttempt[]): number | null {
  const last = attempts.at(-1);
  if (last && (last.error === null || isFinal(last))) return null;
  return nextAttemptAfter(attempts.length, Math.random());
}

/** One attempt, added to those before. Every attempt of a generation has the same id: who gets two may drop one. */
export async function deliverOnce(state: GenerationState, options: DeliveryOptions): Promise<WebhookAttempt[]> {
  const id = `msg_${state.id}`;
  const attempt = await deliver({ ...options, id, body: webhookBody(state), now: () => Date.now() });
  return [...(state.webhookAttempts ?? []), attempt];
}
