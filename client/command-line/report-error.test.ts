import { expect, it } from 'vitest';
import {
  CancelledError,
  ConnectionError,
  FailedError,
  InputError,
  PromptError,
  ProtocolError,
  RequestError,
  RetryLaterError,
} from '../sdk/index.ts';
import { reportOf } from './report-error.ts';
import { FileError, Interruption, NoServerError, UsageError } from './troubles.ts';

const report = {
  allowed: false,
  tokens: [],
  tokenIds: [],
  truncated: false,
  unknownWords: [],
  errors: [{ path: ['input', 'prompt'], message: 'prompt is empty' }],
};

it.each<[Error, number, string]>([
  [new PromptError('PROMPT_INVALID', 'The prompt cannot be used', report), 4, 'prompt'],
  [new InputError('INPUT_INVALID', 'steps is 0: at least 1', []), 4, 'input'],
  [new RequestError('NOT_FOUND', 'There is none'), 4, 'request'],
  [new RequestError('INTERNAL', 'A fault', 'e1'), 1, 'request'],
  [new RetryLaterError('QUEUE_FULL', 'Too much is waiting', 1500), 3, 'retry-later'],
  [new ConnectionError('It was not reached'), 3, 'connection'],
  [new ProtocolError('No Darkroom', 200), 1, 'protocol'],
  [new FailedError({ code: 'MODEL_FAILED', message: 'NaN', stage: 'DENOISE', retryable: false }, null), 1, 'failed'],
  [new CancelledError('It was cancelled', null), 1, 'cancelled'],
  [new UsageError('What?'), 2, 'usage'],
  [new FileError('a.png cannot be written'), 1, 'file'],
  [new NoServerError('Nobody there'), 3, 'no-server'],
  [new Interruption(), 130, 'interrupted'],
  [new Error('oh'), 1, 'unexpected'],
])('%o has a code to end with, and a kind', (error, exitCode, kind) => {
  const told = reportOf(error);
  expect(told).toMatchObject({ exitCode, error: { kind } });
  expect(told.text).toContain(error.message);
  expect(JSON.parse(JSON.stringify(told.error)).message).toContain(error.message);
});

it('tells what is wrong once, where, and what may be done', () => {
  expect(reportOf(new PromptError('PROMPT_INVALID', 'The prompt cannot be used', report)).text).toBe(
    'The prompt cannot be used\n  prompt: prompt is empty',
  );
  const issues = [{ path: ['input', 'steps'], message: 'steps is 0: at least 1' }];
  expect(reportOf(new InputError('INPUT_INVALID', 'steps is 0: at least 1', issues)).text).toBe(
    'steps is 0: at least 1',
  );
  expect(reportOf(new RetryLaterError('QUEUE_FULL', 'Full', 1500)).text).toBe('Full\nTry again in 2 s');
});
