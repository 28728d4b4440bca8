import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Failure, type GenerationState, RetryLater } from '../../schema/context.ts';
import { CheckpointNotFound, InputError, RequestError } from '../../schema/errors.ts';
import { EndedWithout, faultOf, retryHeaders, Unanswerable } from './fault.ts';

const names = { count: 'n', checkpoint: 'model' };
const fault = (error: unknown) => faultOf(error, names, 'test');
const ended = (failure: Partial<Failure> | null) => new EndedWithout({ failure } as GenerationState);

afterEach(() => vi.restoreAllMocks());

describe('faultOf', () => {
  it('names fields as the caller does, in the words too', () => {
    expect(fault(new InputError([{ path: ['input', 'count'], message: 'count is 20: at most 16' }]))).toMatchObject({
      status: 400,
      message: 'n is 20: at most 16',
      issues: [{ field: 'n', message: 'n is 20: at most 16' }],
    });
  });

  it('leaves alone what the caller has named', () => {
    const error = new InputError([{ path: ['body', 'count'], message: 'count is unknown' }]);
    expect(fault(error).issues).toEqual([{ field: 'count', message: 'count is unknown' }]);
  });

  it.each([
    [new CheckpointNotFound('no such'), 404, false, 'model'],
    [new RequestError('NOT_FOUND', 'deleted'), 404, false, undefined],
    [new RequestError('UNSUPPORTED', 'cannot'), 400, false, undefined],
    [new RequestError('IDEMPOTENCY_CONFLICT', 'another'), 409, false, undefined],
    [new RetryLater('QUEUE_FULL', 'full', 1_500), 503, true, undefined],
    [new Unanswerable(415, 'INPUT_INVALID', 'no JSON'), 415, false, undefined],
    [ended({ code: 'MODEL_FAILED', message: 'NaN', retryable: false }), 500, false, undefined],
    [ended({ code: 'BACKEND_UNAVAILABLE', message: 'none', retryable: true }), 503, true, undefined],
    [ended(null), 409, false, undefined],
    [new EndedWithout(null), 404, false, undefined],
  ])('%s', (error, status, retryable, field) => {
    const { issues, message, ...found } = fault(error);
    expect(found).toMatchObject({ status, retryable });
    expect(message).toBe((error as Error).message);
    expect(issues[0]?.field).toBe(field);
  });

  it('says nothing of what nobody foresaw, but logs it', () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {});
    const { status, message } = fault(new TypeError('a secret'));
    expect(status).toBe(500);
    expect(message).not.toContain('secret');
    const [id] = /[0-9a-f-]{36}/.exec(message)!;
    expect(log.mock.calls[0]![0]).toContain(id);
  });
});

describe('retryHeaders', () => {
  it('say when, in both of the units that clients read', () => {
    expect(retryHeaders(fault(new RetryLater('QUEUE_FULL', 'full', 1_500)))).toEqual({
      'X-Should-Retry': 'true',
      'Retry-After': '2',
      'Retry-After-Ms': '1500',
    });
    expect(retryHeaders(fault(ended(null)))).toEqual({ 'X-Should-Retry': 'false' });
  });
});
