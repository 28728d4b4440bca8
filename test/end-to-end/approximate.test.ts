/** A similar prompt goes on from the steps of another one, and says so; with a checkpoint that has an embedder. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tinyFolder } from '../models/tiny-checkpoint.ts';
import { withExtras } from '../models/tiny-extras.ts';
import { House } from './house.ts';

let house: House;
beforeAll(async () => {
  house = await House.build({}, true, [withExtras(tinyFolder())]);
});
afterAll(() => house?.tearDown());

async function made(change: Record<string, unknown>) {
  const input = { steps: 10, wait: 60_000, ...change };
  const { data, errors } = await house.ask(
    `mutation ($input: GenerateInput!) { generate(input: $input) { ... on Error { code message } ... on GenerateSuccess { generation {
      id status failure { message } parameters { seed reuse }
      reuse { kind skippedSteps ofSteps skippedTextEncoding skippedDecoding source { key } similarity }
      progress { step steps } images { id seed png: url latent { key digest } reuse { kind skippedSteps similarity source { key } } }
    } } } }`,
    { input },
  );
  expect(errors).toBeUndefined();
  expect(data.generate.generation).toMatchObject({ status: 'SUCCEEDED', failure: null });
  return data.generate.generation;
}

const remove = (id: string) => house.ask('mutation ($id: ID!) { deleteGeneration(id: $id) { __typename } }', { id });

describe('reuse: APPROXIMATE', () => {
  it('begins with a seed where another prompt of that seed was, and is never what was asked for exactly', async () => {
    const source = await made({ prompt: 'a b', seed: 1 });
    const { latent } = source.images[0];
    const other = await made({ prompt: 'b a', seed: 1, reuse: 'APPROXIMATE' });
    expect(other.reuse).toMatchObject({ kind: 'APPROXIMATE', ofSteps: 10, source: { key: latent.key } });
    expect(other.reuse.skippedSteps).toBeGreaterThan(0);
    expect(other.reuse.skippedSteps).toBeLessThanOrEqual(5);
    expect(other.reuse.similarity).toBeGreaterThan(0);
    expect(other.reuse.similarity).toBeLessThan(1);
    expect(other).toMatchObject({ parameters: { seed: 1, reuse: 'APPROXIMATE' }, progress: { step: 10, steps: 10 } });

    const again = await made({ prompt: 'b a', seed: 1, reuse: 'APPROXIMATE' });
    expect(again.images[0].latent).toEqual(other.images[0].latent);
    expect(again.reuse).toMatchObject({ kind: 'APPROXIMATE', skippedSteps: 10, similarity: other.reuse.similarity });

    const exact = await made({ prompt: 'b a', seed: 1 });
    expect(exact.reuse).toMatchObject({ kind: 'EXACT', skippedSteps: 0, skippedTextEncoding: true, source: null });
    expect(exact.images[0].latent.digest).not.toBe(other.images[0].latent.digest);
    const whole = await made({ prompt: 'b a', seed: 1, reuse: 'NONE' });
    expect(whole.images[0].latent).toEqual(exact.images[0].latent);
    // What is there exactly goes before what is nearly it.
    const now = await made({ prompt: 'b a', seed: 1, reuse: 'APPROXIMATE' });
    expect(now.reuse).toMatchObject({ kind: 'EXACT', skippedSteps: 10, similarity: null });

    // The files say which is which.
    const texts = await Promise.all(
      [other, exact].map(async ({ images }) =>
        Buffer.from(await (await fetch(images[0].png)).arrayBuffer()).toString(),
      ),
    );
    expect(texts.map(text => text.includes(`"approximate":{"latentKey":"${latent.key}"`))).toEqual([true, false]);
  });

  it('serves no other seed, nor what the scheduler, steps or guidance tell apart', async () => {
    for (const change of [
      { seed: 2 },
      { seed: 1, steps: 9 },
      { seed: 1, guidanceScale: 2.5 },
      { seed: 1, scheduler: 'EULER' },
      { seed: 1, negativePrompt: 'b' },
      { seed: 1, eta: 0.5 },
    ]) {
      const { reuse } = await made({ prompt: 'b b', reuse: 'APPROXIMATE', ...change });
      expect(reuse.skippedSteps).toBe(0);
    }
  });

  it('gives new pictures without a seed, each with the seed of the steps that it begins with', async () => {
    const seeds = [11, 12];
    for (const seed of seeds) await made({ prompt: 'a b', seed });
    const all = await Promise.all([1, 2, 3, 4, 5].map(() => made({ prompt: 'a a b', reuse: 'APPROXIMATE' })));
    const spared = all.filter(({ reuse }) => reuse.kind === 'APPROXIMATE');
    expect(spared.length).toBeGreaterThanOrEqual(2);
    expect(new Set(all.map(({ parameters }) => parameters.seed)).size).toBe(5);
    expect(new Set(all.map(({ images }) => images[0].latent.digest)).size).toBe(5);
    for (const { parameters, images } of all) expect(images[0].seed).toBe(parameters.seed);
    const [one] = spared;
    const { data } = await house.ask(
      'query ($key: String!) { latent(key: $key) { generation { parameters { seed } } } }',
      { key: one.reuse.source.key },
    );
    expect(data.latent.generation.parameters.seed).toBe(one.parameters.seed);
  });

  it('goes on from nothing that was deleted, while what was made of it stays', async () => {
    const source = await made({ prompt: 'a b', seed: 77 });
    const spared = await made({ prompt: 'b b a', seed: 77, reuse: 'APPROXIMATE' });
    expect(spared.reuse.source.key).toBe(source.images[0].latent.key);
    await remove(source.id);
    const { data } = await house.ask(
      'query ($id: ID!) { node(id: $id) { ... on Generation { reuse { kind source { key } } } } }',
      { id: spared.id },
    );
    expect(data.node.reuse).toEqual({ kind: 'APPROXIMATE', source: null });
    expect((await fetch(spared.images[0].png)).status).toBe(200);
    const later = await made({ prompt: 'a a a', seed: 77, reuse: 'APPROXIMATE' });
    expect(later.reuse.skippedSteps).toBe(0);
  });
});
