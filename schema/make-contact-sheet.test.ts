import { describe, expect, test } from 'vitest';
import { nodeId } from './node.ts';
import { ask } from './testing/ask.ts';
import { memoryServices, testCard } from './testing/services.ts';

const fields = `id status progress { step steps fraction queuePosition etaMs } image { id width latent { key } url }
  cells { id prompt parameters { steps guidanceScale scheduler seed count strength } } failure { code message }
  createdAt finishedAt`;
const mutation = `mutation ($input: ContactSheetInput!) { contactSheet(input: $input) {
  __typename
  ... on Error { code message }
  ... on InputError { issues { path message } }
  ... on PromptError { report { errors { path message } } }
  ... on RetryLaterError { retryAfterMs }
  ... on ContactSheet { ${fields} }
} }`;
const steps = { parameter: 'STEPS', values: ['10', '20'] };
const none = (parameter: string) => ({ parameter, values: [] });
const startOf = (strength: number) => ({ from: { latentKey: 'a'.repeat(64) }, strength });
const seeds = { parameter: 'SEED', values: ['1', '2', '3'] };

async function make(input: Record<string, unknown>, services = memoryServices()) {
  const { base, ...rest } = input;
  const whole = { base: { prompt: 'a dog', ...(base as object) }, x: steps, ...rest };
  const { data, errors } = await ask(services, mutation, { input: whole });
  return { services, result: data?.contactSheet, errors };
}

/** What is wrong with an input: paths within it, and messages. */
async function issues(input: Record<string, unknown>): Promise<Record<string, string>> {
  const { result, services, errors } = await make(input);
  expect(errors).toBeUndefined();
  expect(result.__typename).toBe('InputError');
  expect(services.asked).not.toContain('create sheet');
  return Object.fromEntries(
    result.issues.map(({ path, message }: { path: string[]; message: string }) => [path.slice(1).join('.'), message]),
  );
}

describe('contactSheet', () => {
  test('makes one generation for each pair of values, rows following y', async () => {
    const { result, services } = await make({ base: { guidanceScale: 3 }, y: seeds });
    expect(result).toMatchObject({
      __typename: 'ContactSheet',
      status: 'QUEUED',
      progress: { step: 0, steps: 90, fraction: 0, queuePosition: 2, etaMs: 1_235 },
      image: null,
      failure: null,
      finishedAt: null,
    });
    const made = result.cells.map((row: { parameters: { steps: number; seed: number } }[]) =>
      row.map(({ parameters }) => [parameters.steps, parameters.seed]),
    );
    expect(made).toEqual([1, 2, 3].map(seed => [10, 20].map(steps => [steps, seed])));
    expect(services.contactSheets.requests[0]).toMatchObject({
      x: { parameter: 'STEPS', labels: ['10', '20'] },
      y: { parameter: 'SEED', labels: ['1', '2', '3'] },
      idempotency: null,
    });
    expect(result.cells[2][1].parameters).toMatchObject({ guidanceScale: 3, count: 1, scheduler: 'DDIM' });
  });

  test('has one row without y, and draws one seed for all, which stays', async () => {
    const { result, services } = await make({});
    expect(result.cells).toHaveLength(1);
    const parameters = services.generations.requests.map(request => request.parameters);
    expect(parameters).toHaveLength(2);
    expect(parameters[0]!.seed).toBe(parameters[1]!.seed);
    expect(parameters.map(({ isSeedDrawn }) => isSeedDrawn)).toEqual([false, false]);
  });

  test.each([
    ['GUIDANCE_SCALE', ['1', '7.50', '0.5'], ['1', '7.5', '0.5'], 'guidanceScale', [1, 7.5, 0.5]],
    ['SCHEDULER', ['DDIM', 'EULER'], ['DDIM', 'EULER'], 'scheduler', ['DDIM', 'EULER']],
    ['SEED', ['9007199254740991', '007'], ['9007199254740991', '7'], 'seed', [2 ** 53 - 1, 7]],
    ['STRENGTH', ['0.3', '1'], ['0.3', '1'], 'strength', [0.3, 1]],
  ])('reads values of %s', async (parameter, values, labels, name, read) => {
    // What an axis says counts, whatever the base does.
    const start = startOf(parameter === 'STRENGTH' ? 0 : 1);
    const { result, services } = await make({ base: { start }, x: { parameter, values } });
    expect(result.cells[0].map((cell: { parameters: Record<string, unknown> }) => cell.parameters[name])).toEqual(read);
    expect(services.contactSheets.requests[0]!.x.labels).toEqual(labels);
  });

  test('looks at what an axis says in place of what the base says', async () => {
    const { result } = await make({
      base: { steps: 0, prompt: '' },
      y: { parameter: 'PROMPT', values: ['a dog', 'a cat'] },
    });
    expect(result.cells.map((row: { prompt: string }[]) => row[0]!.prompt)).toEqual(['a dog', 'a cat']);
  });

  test('reads a start once, however many cells start from it', async () => {
    const start = { from: { image: { data: 'AA==' } }, strength: 0.5 };
    const { services } = await make({ base: { start }, y: { parameter: 'STRENGTH', values: ['0.2', '0.9'] } });
    expect(services.asked.filter(asked => asked.startsWith('start'))).toEqual(['start 128x128']);
    const strengths = services.generations.requests.map(({ parameters }) => parameters.start!.strength);
    expect(strengths).toEqual([0.2, 0.2, 0.9, 0.9]);
    const contents = new Set(services.generations.requests.map(({ startContent }) => startContent));
    expect(contents.size).toBe(1);
  });

  test('waits as long as it is asked to', async () => {
    const { services, result } = await make({ wait: 60_000 });
    expect(services.asked.at(-1)).toBe('wait for sheet 60000');
    expect(result.__typename).toBe('ContactSheet');
  });

  test('says that there is no room', async () => {
    const services = memoryServices();
    services.contactSheets.isFull = true;
    const { result } = await make({}, services);
    expect(result).toMatchObject({ __typename: 'RetryLaterError', code: 'QUEUE_FULL', retryAfterMs: 1_000 });
  });
});

describe('an input', () => {
  test('is told everything that is wrong with it at once', async () => {
    const found = await issues({
      base: { width: 100, count: 2, keep: 1, wait: 0, webhook: 'https://a.example', idempotencyKey: 'k' },
      x: { parameter: 'STEPS', values: ['0', 'ten', '5', '05', '2000', '1.5'] },
      y: { parameter: 'GUIDANCE_SCALE', values: ['-1', 'NaN', '', '1e1', '101'] },
      wait: 60_001,
      idempotencyKey: '',
    });
    expect(found).toEqual({
      'base.width': 'width is 100: must be a multiple of 64',
      'base.count': 'count is 2: each cell is one image',
      ...Object.fromEntries(
        ['keep', 'wait', 'webhook', 'idempotencyKey'].map(name => [
          `base.${name}`,
          `${name} is not for the cells of a contact sheet: leave it out`,
        ]),
      ),
      'x.values.0': 'steps is 0: at least 1',
      'x.values.1': 'steps is "ten": must be a whole number',
      'x.values.3': '"05" is there already, as value 2',
      'x.values.4': 'steps is 2000: at most 1000',
      'x.values.5': 'steps is "1.5": must be a whole number',
      'y.values.0': 'guidanceScale is -1: at least 0',
      'y.values.1': 'guidanceScale is "NaN": must be a number',
      'y.values.2': 'guidanceScale is "": must be a number',
      'y.values.3': 'guidanceScale is "1e1": must be a number',
      'y.values.4': 'guidanceScale is 101: at most 100',
      wait: 'wait is 60001: at most 60000',
      idempotencyKey: 'idempotencyKey is empty: 1 to 255 characters',
    });
  });

  test('is told what is wrong with the rest where an axis has nothing that means anything', async () => {
    const meaningless = { parameter: 'STEPS', values: ['q'] };
    const told = { 'x.values.0': 'steps is "q": must be a whole number' };
    expect(
      await issues({
        base: { width: 3, steps: -1, prompt: 'forbidden' },
        x: meaningless,
        y: { parameter: 'GUIDANCE_SCALE', values: ['9999999', '5'] },
      }),
    ).toEqual({
      'base.width': 'width is 3: at least 64',
      ...told,
      'y.values.0': 'guidanceScale is 9999999: at most 100',
      'base.prompt': 'prompt has a forbidden word',
    });
    const y = { parameter: 'SCHEDULER', values: ['q'] };
    expect(Object.keys(await issues({ base: { height: 3 }, x: meaningless, y }))).toEqual([
      'x.values.0',
      'y.values.0',
      'base.height',
    ]);
    expect(Object.keys(await issues({ base: { height: 3 }, x: { ...steps, values: ['-1'] }, y }))).toEqual([
      'y.values.0',
      'base.height',
      'x.values.0',
    ]);
    // What would be in their place is not known yet.
    expect(await issues({ base: { prompt: '', start: startOf(0.001) }, x: meaningless, y: none('PROMPT') })).toEqual({
      ...told,
      'y.values': 'values has 0 entries: 1 to 16',
    });
    expect(await issues({ base: { start: startOf(7) }, x: none('STRENGTH') })).toEqual({
      'x.values': 'values has 0 entries: 1 to 16',
    });
  });

  test('is told that a strength is none, whatever the steps are', async () => {
    const message = 'strength is 2: at most 1';
    expect(await issues({ base: { start: startOf(2) } })).toEqual({ 'base.start.strength': message });
    expect(await issues({ base: { start: startOf(2) }, x: none('STEPS') })).toMatchObject({
      'base.start.strength': message,
    });
    expect(await issues({ base: { start: startOf(0) }, x: none('STEPS') })).toMatchObject({
      'base.start.strength': 'strength is 0: of 1000 steps none would be done, at least 0.001',
    });
  });

  test.each([
    [{ x: { parameter: 'STEPS', values: [] } }, { 'x.values': 'values has 0 entries: 1 to 16' }],
    [
      { y: { parameter: 'SEED', values: Array.from({ length: 17 }, (_, i) => `${i}`) } },
      { 'y.values': 'values has 17 entries: 1 to 16' },
    ],
    [
      { y: { parameter: 'STEPS', values: ['5'] } },
      { 'y.parameter': 'parameter is STEPS, as that of x: the axes must be of different ones' },
    ],
    [
      { x: { parameter: 'STRENGTH', values: ['0.5'] } },
      { 'x.parameter': 'parameter is STRENGTH, which is that of a start: base.start is missing' },
    ],
    [{ wait: -1 }, { wait: 'wait is -1: at least 0' }],
    [
      { x: { parameter: 'SEED', values: ['-1', 'x'] } },
      Object.fromEntries(
        ['-1', 'x'].map((text, i) => [
          `x.values.${i}`,
          `seed is ${JSON.stringify(text)}: must be a whole number from 0 to 9007199254740991 (2^53 - 1), as a number or a decimal string`,
        ]),
      ),
    ],
  ])('is refused: %j', async (input, expected) => {
    expect(await issues(input)).toEqual(expected);
  });

  test('is refused for a scheduler that there is not', async () => {
    const found = await issues({ x: { parameter: 'SCHEDULER', values: ['ddim'] } });
    expect(found['x.values.0']).toMatch(/^scheduler is "ddim": must be one of DDIM, DDPM, /);
  });

  test('is refused for more cells than a sheet may have', async () => {
    const x = { parameter: 'STEPS', values: Array.from({ length: 11 }, (_, i) => String(i + 1)) };
    const y = { parameter: 'SEED', values: Array.from({ length: 10 }, (_, i) => String(i)) };
    expect(await issues({ x, y })).toEqual({ 'y.values': 'x and y make 110 cells: at most 100' });
    const { result } = await make({ x: { ...x, values: x.values.slice(1) }, y });
    expect(result.cells.flat()).toHaveLength(100);
  });

  test('is refused where of a start nothing would be done, at the value that makes it so', async () => {
    const start = startOf(0.05);
    expect(await issues({ base: { start } })).toEqual({
      'x.values.0': 'strength is 0.05: of 10 steps none would be done, at least 0.1',
    });
    const y = { parameter: 'STRENGTH', values: ['0.05', '0.5'] };
    expect(await issues({ base: { start }, y })).toEqual({
      'y.values.0': 'strength is 0.05: of 10 steps none would be done, at least 0.1',
    });
  });

  test('is refused for a scheduler that the checkpoint cannot be run with', async () => {
    const { result } = await make({ x: { parameter: 'SCHEDULER', values: ['DDIM', 'UNIPC'] } });
    expect(result).toMatchObject({ __typename: 'RequestError', code: 'UNSUPPORTED' });
  });

  test('is refused for a scheduler that does not come in so few steps, at the value that makes it so', async () => {
    const services = memoryServices([{ ...testCard, schedulers: ['DDIM', 'DPMPP_2M_SDE', 'PNDM', 'HEUN', 'LCM'] }]);
    const { result } = await make(
      { x: { parameter: 'STEPS', values: ['1', '999'] }, y: { parameter: 'SCHEDULER', values: ['DDIM', 'LCM'] } },
      services,
    );
    expect(result.__typename).toBe('InputError');
    expect(result.issues.map(({ path }: { path: string[] }) => path.join('.'))).toEqual(['input.x.values.1']);
  });
});

describe('prompts', () => {
  test('are checked each', async () => {
    const x = { parameter: 'PROMPT', values: ['a dog', 'forbidden', '', 'forbidden too'] };
    const { result } = await make({ x });
    expect(result).toMatchObject({ __typename: 'PromptError', code: 'PROMPT_REFUSED' });
    expect(result.report.errors).toEqual([
      { path: ['input', 'x', 'values', '1'], message: 'prompt has a forbidden word' },
      { path: ['input', 'x', 'values', '2'], message: 'prompt is empty' },
      { path: ['input', 'x', 'values', '3'], message: 'prompt has a forbidden word' },
    ]);
  });

  test('are told along with other faults', async () => {
    expect(await issues({ base: { prompt: 'forbidden' }, x: { parameter: 'STEPS', values: ['0'] } })).toEqual({
      'x.values.0': 'steps is 0: at least 1',
      'base.prompt': 'prompt has a forbidden word',
    });
  });
});

describe('an idempotency key', () => {
  const identity = async (input: Record<string, unknown>) => {
    const { services } = await make({ idempotencyKey: 'k', ...input });
    return services.contactSheets.requests[0]!.idempotency!;
  };

  test('stands for the input as it is written, less how long to wait', async () => {
    const one = await identity({ wait: 5, y: null });
    expect(one.key).toBe('k');
    expect(await identity({ base: { seed: null } })).toEqual(one);
    expect(await identity({ base: { seed: 1 } })).not.toEqual(one);
    expect(await identity({ x: { ...steps, values: ['20', '10'] } })).not.toEqual(one);
    expect(await identity({ y: seeds })).not.toEqual(one);
  });
});

describe('a contact sheet', () => {
  async function sheet(status: 'SUCCEEDED' | 'FAILED') {
    const { services, result } = await make({});
    const failure = { code: 'MODEL_FAILED', message: 'NaN', stage: 'DENOISE', retryable: false } as const;
    services.generations.change('g1', { status, step: 10, ...(status === 'FAILED' && { failure }) });
    services.generations.change('g2', { status: 'SUCCEEDED', step: 20 });
    return { services, id: result.id as string };
  }
  const read = async (id: string, services = memoryServices()) =>
    (await ask(services, `query ($id: ID!) { node(id: $id) { id ... on ContactSheet { ${fields} } } }`, { id })).data
      .node;

  test('is found as a node, with its picture, which is of no latent', async () => {
    const { services, id } = await sheet('SUCCEEDED');
    expect(await read(id, services)).toMatchObject({
      id,
      status: 'SUCCEEDED',
      progress: { step: 30, steps: 30, queuePosition: null, etaMs: null },
      image: {
        id: nodeId('Image', 'sheet-s1'),
        width: 640,
        latent: null,
        url: 'https://darkroom.test/images/sheet-s1.png',
      },
      finishedAt: expect.any(String),
    });
    expect(await read(nodeId('ContactSheet', 's9'), services)).toBeNull();
  });

  test('says why the first that failed did', async () => {
    const { services, id } = await sheet('FAILED');
    expect(await read(id, services)).toMatchObject({
      status: 'FAILED',
      failure: { code: 'MODEL_FAILED', message: 'NaN' },
    });
  });

  test('is stopped with its generations', async () => {
    const { services, result } = await make({});
    const cancel = 'mutation ($id: ID!) { cancelGeneration(id: $id) { __typename ... on ContactSheet { id status } } }';
    const { data } = await ask(services, cancel, { id: result.id });
    expect(data.cancelGeneration).toEqual({ __typename: 'ContactSheet', id: result.id, status: 'CANCELLED' });
    expect(services.asked).toContain('cancel g2');
  });

  test('is deleted with its generations', async () => {
    const { services, result } = await make({});
    const remove = `mutation ($id: ID!) { deleteGeneration(id: $id) {
      __typename ... on Deleted { id } ... on Error { code message } } }`;
    const { data } = await ask(services, remove, { id: result.id });
    expect(data.deleteGeneration).toEqual({ __typename: 'Deleted', id: result.id });
    expect(services.generations.all).toEqual([]);
    expect((await ask(services, remove, { id: result.id })).data.deleteGeneration).toEqual({
      __typename: 'RequestError',
      code: 'NOT_FOUND',
      message: 'There is no generation or contact sheet with this id',
    });
  });
});
