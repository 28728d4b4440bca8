/** Latents found by what they are like, through the API, with a checkpoint that has an embedder. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSafetensors } from '../../models/checkpoint/safetensors.ts';
import { cosine } from '../../worker/similarity/cosine.ts';
import { tinyFolder } from '../models/tiny-checkpoint.ts';
import { withExtras } from '../models/tiny-extras.ts';
import { House } from './house.ts';

interface Made {
  readonly key: string;
  readonly prompt: string;
  /** As its file has it. */
  readonly latent: Float32Array;
  readonly png: string;
}

let house: House;
const made: Made[] = [];
/** A latent of another size. */
let large: string;

beforeAll(async () => {
  house = await House.build({}, true, [withExtras(tinyFolder())]);
  for (const [prompt, seed] of [
    ['a b', 1],
    ['b b a', 11],
  ] as const) {
    const { generation } = await house.generate({ prompt, seed, steps: 2, count: 2, wait: 60_000 });
    expect(generation).toMatchObject({ status: 'SUCCEEDED', failure: null });
    for (const { latent, png } of generation.images) {
      const file = new Uint8Array(await (await fetch(latent.url)).arrayBuffer());
      const { data } = readSafetensors(file).get('latent')!;
      made.push({ key: latent.key, prompt, latent: data as Float32Array, png });
    }
  }
  const wide = await house.generate({ prompt: 'a', seed: 5, steps: 2, width: 16, wait: 60_000 });
  large = wide.generation.images[0].latent.key;
});
afterAll(() => house?.tearDown());

const edges = '{ edges { cursor similarity node { key } } pageInfo { hasNextPage endCursor } }';

/** @param to the rest of the arguments, too */
async function similar(to: string): Promise<{ key: string; similarity: number }[]> {
  const { data, errors } = await house.ask(`{ similar(to: ${to}) ${edges} }`);
  expect(errors).toBeUndefined();
  return data.similar.edges.map(({ node, similarity }: { node: { key: string }; similarity: number }) => {
    return { key: node.key, similarity };
  });
}

async function codeOf(to: string): Promise<unknown> {
  const { data, errors } = await house.ask(`{ similar(to: ${to}) ${edges} }`);
  expect(data.similar).toBeNull();
  return errors?.[0]?.extensions.code;
}

async function similarity(aKey: string, bKey: string) {
  const query =
    'query ($a: String!, $b: String!) { similarity(aKey: $a, bKey: $b) { latent embedding prompt distance } }';
  const { data, errors } = await house.ask(query, { a: aKey, b: bKey });
  expect(errors).toBeUndefined();
  return data.similarity;
}

describe('similarity', () => {
  it('has all spaces where there is an embedder', async () => {
    const { data } = await house.ask('{ checkpoint { spaces } }');
    expect(data.checkpoint.spaces).toEqual(['LATENT', 'EMBEDDING', 'PROMPT']);
  });

  it('orders latents by the cosine of the numbers that their files have', async () => {
    const [first, ...others] = made as [Made, ...Made[]];
    const expected = others
      .map(({ key, latent }) => ({ key, similarity: cosine(first.latent, latent) }))
      .sort((a, b) => b.similarity - a.similarity);
    // The one of another size is nowhere near.
    expect(await similar(`{ latentKey: "${first.key}" }, space: LATENT`)).toEqual(expected);
    for (const { key, similarity: found } of expected) expect((await similarity(first.key, key)).latent).toBe(found);
    expect(await similarity(first.key, large)).toMatchObject({
      latent: null,
      distance: null,
      prompt: expect.any(Number),
    });
  });

  it('finds what was made from the same prompt, whatever its size', async () => {
    const [a, b] = made as [Made, Made];
    const found = await similar(`{ latentKey: "${a.key}" }, space: PROMPT`);
    expect(found[0]).toEqual({ key: b.key, similarity: 1 });
    expect(found.map(({ key }) => key)).toContain(large);
    expect(found.map(({ key }) => key)).not.toContain(a.key);
    expect(await similar(`{ text: "b b a" }, space: PROMPT, minSimilarity: 1`)).toEqual(
      made
        .filter(({ prompt }) => prompt === 'b b a')
        .map(({ key }) => ({ key, similarity: 1 }))
        .sort((x, y) => (x.key < y.key ? -1 : 1)),
    );
  });

  it('compares texts, pictures and latents in one space', async () => {
    const [first, second] = made as [Made, Made];
    const near = await similar(`{ latentKey: "${first.key}" }`);
    expect(near).toHaveLength(4);
    expect((await similarity(first.key, second.key)).embedding).toBe(
      near.find(({ key }) => key === second.key)?.similarity,
    );
    expect(await similar('{ text: "a b" }, first: 3')).toHaveLength(3);
  });

  it('finds a latent by its picture', async () => {
    const [first] = made as [Made];
    const png = Buffer.from(await (await fetch(first.png)).arrayBuffer()).toString('base64');
    for (const space of ['LATENT', 'EMBEDDING']) {
      const found = await similar(`{ image: { data: "${png}" } }, space: ${space}`);
      // The one of another size has no place among latents.
      expect(found).toHaveLength(space === 'LATENT' ? 4 : 5);
    }
    const byKey = await similar(`{ image: { latentKey: "${first.key}" } }, space: LATENT`);
    expect(byKey).toEqual(await similar(`{ image: { data: "${png}" } }, space: LATENT`));
  });

  it('goes on from page to page', async () => {
    const { key } = made[0]!;
    const all = await similar(`{ latentKey: "${key}" }`);
    const pages: unknown[] = [];
    let after: string | null = null;
    do {
      const query = `query ($key: String!, $after: String) { latent(key: $key) { similar(first: 3, after: $after) ${edges} } }`;
      const { data } = await house.ask(query, { key, after });
      const { similar } = data.latent;
      for (const { node, similarity } of similar.edges) pages.push({ key: node.key, similarity });
      after = similar.pageInfo.hasNextPage ? similar.pageInfo.endCursor : null;
    } while (after !== null);
    expect(pages).toEqual(all);
  });

  it('says what has no place in a space', async () => {
    const { key } = made[0]!;
    expect(await codeOf('{ text: "a" }, space: LATENT')).toBe('UNSUPPORTED');
    expect(await codeOf(`{ image: { latentKey: "${key}" } }, space: PROMPT`)).toBe('UNSUPPORTED');
    expect(await codeOf(`{ latentKey: "${'f'.repeat(64)}" }`)).toBe('NOT_FOUND');
  });

  it('is answered without a backend for latents and for texts that were prompts, after a restart too', async () => {
    const { key } = made[0]!;
    const questions = ['LATENT', 'EMBEDDING', 'PROMPT'].map(space => `{ latentKey: "${key}" }, space: ${space}`);
    questions.push('{ text: "a b" }, space: PROMPT', '{ text: "a b" }, space: EMBEDDING');
    const before = [];
    for (const question of questions) before.push(await similar(question));
    await house.killBackend();
    for (const [i, question] of questions.entries()) expect(await similar(question)).toEqual(before[i]);
    expect(await codeOf('{ text: "b a a b" }, space: PROMPT')).toBe('BACKEND_UNAVAILABLE');
    await house.restartEdge();
    for (const [i, question] of questions.entries()) expect(await similar(question)).toEqual(before[i]);
  });
});
