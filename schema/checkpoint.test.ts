import { describe, expect, test } from 'vitest';
import type { CheckpointCard } from '../wire/card.ts';
import { encodeOpaque } from './opaque.ts';
import { ask } from './testing/ask.ts';
import { memoryServices, plainCard, testCard } from './testing/services.ts';

const services = memoryServices();

describe('checkpoints', () => {
  test('are listed, the default one first', async () => {
    const { data } = await ask(services, '{ checkpoints { name default schedulers } checkpoint { name } }');
    expect(data).toEqual({
      checkpoints: [
        { name: 'shipped', default: true, schedulers: ['DDIM', 'EULER'] },
        { name: 'plain', default: false, schedulers: ['DDIM', 'EULER'] },
      ],
      checkpoint: { name: 'shipped' },
    });
  });

  test('say what is default and what is accepted', async () => {
    const { data } = await ask(
      services,
      `{ checkpoint(name: "plain") { digest parameterCount maxTokens latentShape discriminator
           defaults { width height steps guidanceScale scheduler }
           limits { maxSteps maxWidth maxHeight multipleOf maxCount maxPromptCharacters } } }`,
    );
    const { maxClipSkip: _, ...limits } = testCard.limits;
    expect(data.checkpoint).toEqual({
      digest: plainCard.digest,
      parameterCount: plainCard.parameterCount,
      maxTokens: 77,
      latentShape: [8, 16, 16],
      discriminator: false,
      defaults: testCard.defaults,
      limits: { ...limits, maxPromptCharacters: 1000 },
    });
  });

  test('say what they take, and which of them are loaded', async () => {
    const { data } = await ask(services, '{ checkpoints { name bytes memoryBytes loaded } }');
    expect(data.checkpoints).toEqual([
      { name: 'shipped', bytes: 95_000_000, memoryBytes: 96_000_000, loaded: true },
      { name: 'plain', bytes: 95_000_000, memoryBytes: 96_000_000, loaded: false },
    ]);
    const { bytes: _, memoryBytes: __, ...oldCard } = testCard;
    const silent = memoryServices([oldCard]);
    Object.assign(silent.checkpoints, { loaded: async () => null });
    const answer = await ask(silent, '{ checkpoint { bytes memoryBytes loaded } }');
    expect(answer).toMatchObject({ data: { checkpoint: { bytes: null, memoryBytes: null, loaded: null } } });
    expect(answer.errors).toBeUndefined();
  });

  test('of another name do not exist', async () => {
    const { data, errors } = await ask(services, '{ checkpoint(name: "nope") { name } }');
    expect(data).toEqual({ checkpoint: null });
    expect(errors?.[0]?.originalError).toMatchObject({
      code: 'NOT_FOUND',
      message: 'There is no checkpoint "nope". Name one that there is: "shipped", "plain"',
    });
  });

  test('do not stand in for a default that is none of them', async () => {
    const missing = memoryServices();
    Object.assign(missing.checkpoints, { find: async () => null, defaultName: 'gone' });
    const { data, errors } = await ask(missing, '{ checkpoints { name default } checkpoint { name } }');
    expect(data).toEqual({
      checkpoints: [
        { name: 'shipped', default: false },
        { name: 'plain', default: false },
      ],
      checkpoint: null,
    });
    expect(errors?.[0]?.originalError).toMatchObject({
      code: 'NOT_FOUND',
      message:
        'There is no checkpoint "gone", which is this server’s default (DEFAULT_CHECKPOINT). Name one that there is: "shipped", "plain"',
    });
  });
});

describe('what a browser needs', () => {
  const [config, weights] = [
    { path: 'vae/config.json', bytes: 700, sha256: 'a'.repeat(64) },
    { path: 'vae/diffusion_pytorch_model.decoder.safetensors', bytes: 5_000_000 },
  ];
  const unet = { path: 'unet/model.safetensors', bytes: 18_000_000, sha256: 'b'.repeat(64) };
  const query = '{ checkpoint { decoder { configUrl weightsUrl bytes } browser { bytes files { path url bytes } } } }';
  const asked = async (browser: CheckpointCard['browser']) =>
    (await ask(memoryServices([{ ...testCard, ...(browser && { browser }) }]), query)).data.checkpoint;
  const url = ({ path }: { path: string }) => `https://darkroom.test/checkpoints/${testCard.digest}/${path}?token=t`;

  test('is a decoder, and all of the checkpoint where that is small enough', async () => {
    const files = [unet, config, weights];
    expect(await asked({ decoder: { config, weights }, files })).toEqual({
      decoder: { configUrl: url(config), weightsUrl: url(weights), bytes: 5_000_700 },
      browser: {
        bytes: 23_000_700,
        files: files.map(file => ({ path: file.path, url: url(file), bytes: file.bytes })),
      },
    });
  });

  test('is the decoder alone of one that is larger, and nothing is known of one told of before', async () => {
    expect(await asked({ decoder: { config, weights }, files: null })).toMatchObject({
      decoder: { bytes: 5_000_700 },
      browser: null,
    });
    expect(await asked(undefined)).toEqual({ decoder: null, browser: null });
  });
});

describe('a vocabulary', () => {
  const phrases = async (args: string) => {
    const { data } = await ask(
      services,
      `{ checkpoint { vocabulary${args} { totalCount edges { cursor node { phrase kind also } } pageInfo { hasNextPage hasPreviousPage endCursor } } } }`,
    );
    const page = data?.checkpoint.vocabulary;
    return { page, phrases: page?.edges.map(({ node }: { node: { phrase: string } }) => node.phrase) };
  };

  test('is paged', async () => {
    const first = await phrases('(first: 3)');
    expect(first.phrases).toEqual(['dog', 'cat', 'pizza']);
    expect(first.page).toMatchObject({ totalCount: 4, pageInfo: { hasNextPage: true, hasPreviousPage: false } });
    const second = await phrases(`(first: 3, after: "${first.page.pageInfo.endCursor}")`);
    expect(second.phrases).toEqual(['red']);
    expect(second.page.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
  });

  test('is searched by name and kind', async () => {
    expect((await phrases('(search: "PUP")')).phrases).toEqual(['dog']);
    expect((await phrases('(kind: "animal")')).page.totalCount).toBe(2);
    expect((await phrases('(kind: "animal", search: "c")')).phrases).toEqual(['cat']);
    const one = await phrases('(kind: "animal", first: 1)');
    expect((await phrases(`(kind: "animal", after: "${one.page.pageInfo.endCursor}")`)).phrases).toEqual(['cat']);
  });

  test.each(['abc', '', '-1', '1.5', '1e0', '01', ' 1', '4', '99999999999'])('has no cursor of "%s"', async place => {
    const { errors } = await ask(
      services,
      'query ($after: String) { checkpoint { vocabulary(after: $after) { totalCount } } }',
      { after: encodeOpaque('Vocabulary', place) },
    );
    expect(errors?.[0]?.originalError).toMatchObject({
      code: 'INPUT_INVALID',
      message: 'after is not a cursor of this list',
    });
  });

  test('is null where the checkpoint has none', async () => {
    const { data } = await ask(services, '{ checkpoint(name: "plain") { vocabulary { totalCount } } }');
    expect(data.checkpoint.vocabulary).toBeNull();
  });
});

describe('checkPrompt', () => {
  test('reports, and refuses nothing', async () => {
    const { data } = await ask(
      services,
      '{ good: checkPrompt(prompt: "a dog") { allowed errors { message } } bad: checkPrompt(prompt: "") { allowed errors { path message } } }',
    );
    expect(data).toEqual({
      good: { allowed: true, errors: [] },
      bad: { allowed: false, errors: [{ path: ['prompt'], message: 'prompt is empty' }] },
    });
  });

  test('needs a checkpoint that exists', async () => {
    const { data, errors } = await ask(services, '{ checkPrompt(prompt: "a dog", checkpoint: "nope") { allowed } }');
    expect(data).toEqual({ checkPrompt: null });
    expect(errors?.[0]?.originalError).toMatchObject({ code: 'NOT_FOUND' });
  });
});
