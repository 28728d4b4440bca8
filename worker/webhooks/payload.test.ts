import { describe, expect, it } from 'vitest';
import type { GenerationStatus } from '../../schema/context.ts';
import { idWithin } from '../../schema/node.ts';
import { webhookBody } from './payload.ts';

const ended = { id: 'g1', failure: null, finishedAt: '2026-11-28T12:00:00.000Z' };

describe('webhookBody', () => {
  it.each([
    ['SUCCEEDED', 'generation.succeeded'],
    ['CANCELLED', 'generation.cancelled'],
  ] as const)('tells that one has %s, by the id that the API takes', (status, type) => {
    const { data, ...event } = JSON.parse(webhookBody({ ...ended, status }));
    expect(event).toEqual({ type, timestamp: ended.finishedAt });
    expect(data).toEqual({ id: expect.any(String), status, failure: null });
    expect(idWithin('Generation', data.id)).toBe('g1');
  });

  it('tells why one has FAILED, and nothing else of it', () => {
    const failure = { code: 'MODEL_FAILED', message: 'NaN', stage: 'DENOISE', retryable: false } as const;
    const event = JSON.parse(webhookBody({ ...ended, status: 'FAILED', failure }));
    expect(event.type).toBe('generation.failed');
    expect(event.data.failure).toEqual({ code: 'MODEL_FAILED', message: 'NaN' });
  });

  it('has nothing to tell of one that goes on', () => {
    const going: readonly GenerationStatus[] = ['QUEUED', 'ENCODING', 'DENOISING', 'DECODING', 'SCORING'];
    for (const status of going) {
      expect(() => webhookBody({ ...ended, status, finishedAt: null })).toThrow(TypeError);
      expect(() => webhookBody({ ...ended, status })).toThrow(TypeError);
    }
    expect(() => webhookBody({ ...ended, status: 'SUCCEEDED', finishedAt: null })).toThrow(TypeError);
  });
});
