/** A worker that does nothing but deliver what it is told to, through both networks that it may have. */
import { deliver } from '../../worker/webhooks/deliver.ts';
import { webhookFetch } from '../../worker/webhooks/webhook-fetch.ts';

export interface DeliveryOrder {
  readonly url: string;
  readonly body: string;
  readonly secret: string;
  /** Name of the binding; null: the runtime's own fetch. */
  readonly through: 'GUARDED' | 'OPEN' | null;
  readonly timeoutMs: number;
}

export default {
  async fetch(request: Request, env: Readonly<Record<'GUARDED' | 'OPEN', Fetcher>>): Promise<Response> {
    const { through, ...delivery } = (await request.json()) as DeliveryOrder;
    const fetch = webhookFetch(through ? { WEBHOOKS: env[through] } : {});
    return Response.json(await deliver({ ...delivery, id: 'event-1', fetch, now: Date.now }));
  },
};
