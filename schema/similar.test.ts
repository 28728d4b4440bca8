import { describe, expect, test } from 'vitest';
import { encodeOpaque } from './opaque.ts';
import { ask } from './testing/ask.ts';
import { memoryServices, testLatent, testLatents } from './testing/services.ts';

const { key } = testLatent;
const ofPlain = testLatents.at(-1)!.key;

function similar(args: string) {
  const services = memoryServices();
  const query = `{ similar(${args}) { edges { cursor similarity node { key } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`;
  return { services, answer: ask(services, query) };
}

async function refusal(args: string) {
  const { data, errors } = await similar(args).answer;
  expect(data.similar).toBeNull();
  return errors?.[0]?.originalError;
}

describe('similar', () => {
  test.each([
    [`to: { latentKey: "${key}" }`, 'EMBEDDING near latent a'],
    [`to: { latentKey: "${key}" }, space: PROMPT, checkpoint: "shipped"`, 'PROMPT near latent a'],
    ['to: { text: "a cat" }, space: PROMPT', 'PROMPT near text of shipped'],
    ['to: { text: "a cat" }, checkpoint: "plain"', 'EMBEDDING near text of plain'],
    ['to: { image: { data: "…" } }, space: LATENT', 'LATENT near image of shipped'],
  ])('looks with %s', async (args, asked) => {
    const { services, answer } = similar(args);
    expect((await answer).errors).toBeUndefined();
    expect(services.asked.at(-1)).toBe(asked);
  });

  test('reads pictures for the checkpoint', async () => {
    const { services, answer } = similar('to: { image: { data: "…" } }, space: LATENT');
    await answer;
    expect(services.asked).toContain('read for shipped');
  });

  test('is paged, nearest first', async () => {
    const pages: { key: string; similarity: number }[] = [];
    let after = '';
    for (let page = 0; page < 3; page++) {
      const { data } = await similar(`to: { latentKey: "${key}" }, first: 2${after}`).answer;
      const { edges, pageInfo } = data.similar;
      expect(pageInfo).toEqual({
        hasNextPage: page < 2,
        hasPreviousPage: page > 0,
        startCursor: edges[0].cursor,
        endCursor: edges.at(-1).cursor,
      });
      for (const { similarity, node } of edges) pages.push({ key: node.key, similarity });
      after = `, after: "${pageInfo.endCursor}"`;
    }
    expect(pages).toEqual(testLatents.map((latent, i) => ({ key: latent.key, similarity: 1 - i / 3 })));
  });

  test('leaves out what is less similar', async () => {
    const { data } = await similar(`to: { latentKey: "${key}" }, minSimilarity: 0`).answer;
    expect(data.similar.edges).toHaveLength(4);
  });

  test.each([
    ['first: 101', ['first']],
    ['minSimilarity: 1.01', ['minSimilarity']],
    ['minSimilarity: -2', ['minSimilarity']],
    ['after: "nonsense"', ['after']],
    [`after: "${encodeOpaque('Similar', `7ff8000000000000${key}`)}"`, ['after']],
    ['checkpoint: "plain"', ['checkpoint']],
  ])('refuses %s', async (args, path) => {
    const refused = await refusal(`to: { latentKey: "${key}" }, ${args}`);
    expect(refused).toMatchObject({ code: 'INPUT_INVALID', issues: [{ path }] });
  });

  test('refuses what is no latent’s key, a text that is no prompt, and a picture that cannot be read', async () => {
    expect(await refusal('to: { latentKey: "A" }')).toMatchObject({ issues: [{ path: ['to', 'latentKey'] }] });
    expect(await refusal(`to: { latentKey: "${'f'.repeat(64)}" }`)).toMatchObject({ code: 'NOT_FOUND' });
    expect(await refusal('to: { text: "" }')).toMatchObject({ code: 'PROMPT_INVALID' });
    expect(await refusal('to: { text: "forbidden" }')).toMatchObject({
      code: 'PROMPT_REFUSED',
      report: { errors: [{ path: ['to', 'text'] }] },
    });
    const broken = await refusal('to: { image: { data: "broken" } }, space: LATENT');
    expect(broken).toMatchObject({ issues: [{ path: ['to', 'image', 'data'] }] });
  });

  test('is answered for a latent, and only so often in a request', async () => {
    const services = memoryServices();
    const again = 'similar(first: 1, space: LATENT) { edges { similarity } }';
    const { data, errors } = await ask(services, `{ latent(key: "${key}") { a: ${again} b: ${again} c: ${again} } }`);
    const found = { edges: [{ similarity: 1 }] };
    expect(data.latent).toEqual({ a: found, b: found, c: null });
    expect(errors?.map(({ originalError }) => originalError)).toMatchObject([{ code: 'TOO_COMPLEX' }]);
    expect(services.asked).toEqual(['LATENT near latent a', 'LATENT near latent a']);
  });
});

describe('similarity', () => {
  const similarity = (aKey: string, bKey: string) =>
    ask(memoryServices(), `{ similarity(aKey: "${aKey}", bKey: "${bKey}") { latent embedding prompt distance } }`);

  test('compares two latents', async () => {
    const { data } = await similarity(key, testLatents[1]!.key);
    expect(data.similarity).toEqual({ latent: 0.5, embedding: null, prompt: null, distance: 1.5 });
  });

  test('refuses latents of two checkpoints, and what is none', async () => {
    const { data, errors } = await similarity(key, ofPlain);
    expect(data.similarity).toBeNull();
    expect(errors?.[0]?.originalError).toMatchObject({ code: 'INPUT_INVALID', issues: [{ path: ['bKey'] }] });
    const missing = await similarity(key, 'f'.repeat(64));
    expect(missing.errors?.[0]?.originalError).toMatchObject({ code: 'NOT_FOUND' });
  });
});

test('a checkpoint says in which spaces its latents can be compared', async () => {
  const { data } = await ask(memoryServices(), '{ checkpoint { spaces } }');
  expect(data.checkpoint.spaces).toEqual(['LATENT', 'PROMPT']);
});
