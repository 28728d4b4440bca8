import { MessageChannel } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { pretendPlan } from '../test/backend/pretend-card.ts';
import { JobLoop } from './job-loop.ts';
import type { Models } from './stages.ts';
import type { FromThread, Job } from './thread-messages.ts';

describe('JobLoop', () => {
  it('lets go of what a job used when its result cannot be sent', async () => {
    const { port1, port2 } = new MessageChannel();
    const order: string[] = [];
    const ended = new Promise<FromThread>(resolve => {
      port2.on('message', (message: FromThread) => {
        if (message.kind === 'frame' && message.header.kind === 'failed') order.push(message.header.code);
        if (message.kind === 'ended') resolve(message);
      });
    });
    // What no safetensors can hold.
    const unsendable = { data: 'not numbers', dims: [1, 4, 8] };
    const encodeText = async () => ({ promptEmbeds: unsendable, pooled: null });
    const prepared = {
      models: { encodeText } as unknown as Models,
      executionProvider: 'cpu',
      done: async () => void order.push('done'),
    };
    const loaded = { cards: [], runtime: '', executionProvider: '', digests: {} };
    new JobLoop(port1).serve(loaded, async () => prepared);
    const [encode] = pretendPlan().stages;
    const plan = pretendPlan({}, { stages: [encode!], returns: ['prompt_embeds'] });
    const cancelled = new Int32Array(new SharedArrayBuffer(4));
    port2.postMessage({ id: 7, plan, tensors: {}, cancelled } satisfies Job);
    expect(await ended).toEqual({ kind: 'ended', job: 7, outcome: 'failed' });
    expect(order).toEqual(['done', 'internal']);
    port1.close();
  });
});
