/** The way by which calls leave. */

export type WebhookFetch = (url: string, init: RequestInit) => Promise<Response>;

/**
 * In production `fetch` reaches the public internet and nothing else. On a machine of one's own it reaches the machine
 * and its neighbours as well, so there the calls go through a network of their own (scripts/edge/webhook-service.ts),
 * which looks at the addresses that names resolve to.
 */
export function webhookFetch(env: { readonly WEBHOOKS?: Fetcher | undefined }): WebhookFetch {
  const { WEBHOOKS: service } = env;
  return service ? (url, init) => service.fetch(url, init) : (url, init) => fetch(url, init);
}
