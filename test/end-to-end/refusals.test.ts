/** Bad input is refused at the edge: quickly, in the contract's words, and without asking a backend. */
import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { House } from './house.ts';

let house: House;
/** Stands where the backend was: whatever reaches it is counted. */
let listener: Server;
let calls = 0;

beforeAll(async () => {
  house = await House.build({ BLOCKED_TERMS: 'forbidden fruit' });
  await house.killBackend();
  listener = createServer(socket => {
    calls++;
    socket.destroy();
  });
  await new Promise<void>(resolve => listener.listen(house.backendPort, '127.0.0.1', resolve));
  // The first request of a worker's life pays for its start.
  await house.ask('{ checkpoint { name } checkPrompt(prompt: "a") { allowed } }');
  calls = 0;
});
afterAll(async () => {
  await house?.tearDown();
  listener?.close();
});

/** Answers at once, with no backend asked; `npm run bench` measures how fast, for here others share the processor. */
async function quickly<T>(ask: () => Promise<T>): Promise<T> {
  let best = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 3; attempt++) {
    const began = performance.now();
    const answer = await ask();
    best = Math.min(best, performance.now() - began);
    if (best < 1_000) return answer;
  }
  throw new Error(`took ${best} ms`);
}

const generate = (literal: string) =>
  house.ask(`mutation { generate(input: { prompt: "a", ${literal} }) { __typename ... on Error { code message }
    ... on InputError { issues { path message } } ... on PromptError { report { errors { message } } } } }`);

describe('generate', () => {
  it.each([
    ['steps: 100000', 'steps', /steps is 100000: at most \d+/],
    ['steps: 0', 'steps', /at least 1/],
    ['width: 100001', 'width', /width is 100001: at most \d+/],
    ['height: -8', 'height', /at least \d+/],
    ['count: 1000', 'count', /at most \d+/],
    ['guidanceScale: -1', 'guidanceScale', /at least 0/],
    ['wait: 60001', 'wait', /at most 60000/],
  ])('names the limit of %s', async (literal, name, message) => {
    const { status, data } = await quickly(() => generate(literal));
    expect(status).toBe(200);
    expect(data.generate).toMatchObject({ __typename: 'InputError', code: 'INPUT_INVALID' });
    expect(data.generate.issues).toContainEqual({ path: ['input', name], message: expect.stringMatching(message) });
  });

  it.each([
    'seed: -1',
    'seed: "abc"',
    'seed: 1.5',
    'seed: 9007199254740992',
    'scheduler: MAGIC',
    'steps: "ten"',
    'stepz: 1',
  ])('does not take %s', async literal => {
    const { status, data, errors } = await quickly(() => generate(literal));
    if (errors) {
      expect(status).toBe(400);
      expect(errors[0]!.extensions.code).toBe('INPUT_INVALID');
    } else {
      expect(data.generate).toMatchObject({ __typename: 'InputError', code: 'INPUT_INVALID' });
    }
  });

  it.each([
    ['empty', ''],
    ['blank', ' \t '],
    ['of 1,001 characters', 'a'.repeat(1001)],
    ['of a million characters', 'a '.repeat(500_000)],
    ['with control characters', 'a\u0000b'],
  ])('does not take a prompt that is %s', async (_, prompt) => {
    const answer = await quickly(() => house.generate({ prompt }));
    expect(answer).toMatchObject({ __typename: 'PromptError', code: 'PROMPT_INVALID' });
    expect(answer.report.errors[0].path).toEqual(['input', 'prompt']);
  });

  it('refuses blocked terms', async () => {
    expect(await quickly(() => house.generate({ prompt: 'a Forbidden  FRUIT' }))).toMatchObject({
      __typename: 'PromptError',
      code: 'PROMPT_REFUSED',
    });
  });

  it('does not know every checkpoint', async () => {
    expect(await quickly(() => house.generate({ prompt: 'a', checkpoint: 'nope' }))).toMatchObject({
      __typename: 'RequestError',
      code: 'NOT_FOUND',
    });
  });
});

describe('a query', () => {
  it.each(['{', 'not graphql', '{ nothing }', '{ generation }', ''])(
    'that is %j is answered 400 with a message',
    async query => {
      const { status, errors } = await quickly(() => house.ask(query));
      expect(status).toBe(400);
      expect(errors![0]!.message).not.toBe('');
      expect(JSON.stringify(errors)).not.toMatch(/\bat .*\.js:\d+|stack/);
    },
  );

  it.each(['{', '[]', 'null', '"x"', ''])('in a body %j is answered 400', async body => {
    const response = await quickly(() => house.post(body));
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ message: expect.any(String) }] });
  });

  it('that asks for too much is TOO_COMPLEX', async () => {
    const { errors } = await quickly(() =>
      house.ask(
        `{ ${'checkpoints { name } '.repeat(1)} ${Array.from({ length: 16 }, (_, i) => `a${i}: checkpoints { name }`).join(' ')} }`,
      ),
    );
    expect(errors![0]!.extensions.code).toBe('TOO_COMPLEX');
  });

  it('for what is not there is null', async () => {
    const { data } = await quickly(() => house.ask('{ generation(id: "nope") { id } node(id: "nope") { id } }'));
    expect(data).toEqual({ generation: null, node: null });
  });
});

it('has asked no backend for any of this, and logged no prompt', () => {
  expect(calls).toBe(0);
  expect(house.log.join('\n')).toBe('');
});
