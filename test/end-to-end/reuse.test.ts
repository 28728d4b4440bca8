/** What was computed once is not computed again, and what was deleted is gone. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { House } from './house.ts';

let house: House;
beforeAll(async () => {
  house = await House.build();
});
afterAll(() => house?.tearDown());

const input = { prompt: 'a b', steps: 4, seed: 11, wait: 60_000 };

/** How many jobs the backend has done. */
async function jobs(): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${house.backendPort}/metrics`)).text();
  return Number(/^darkroom_jobs_total\{outcome="succeeded"\} (\d+)$/m.exec(text)![1]);
}

const bytesOf = async (url: string) => Buffer.from(await (await fetch(url)).arrayBuffer());

async function made(change: Record<string, unknown> = {}) {
  const { data, errors } = await house.ask(
    `mutation ($input: GenerateInput!) { generate(input: $input) { ... on Error { code message } ... on GenerateSuccess { generation {
      id status failure { code message }
      parameters { reuse }
      reuse { ...all } timings { stage ms backend cached }
      record { runtime executionProvider }
      images { id png: url webp: url(format: WEBP) reuse { ...all } latent { key digest } }
    } } } }
    fragment all on Reuse { kind skippedSteps ofSteps skippedTextEncoding skippedDecoding source { key } similarity }`,
    { input: { ...input, ...change } },
  );
  expect(errors).toBeUndefined();
  expect(data.generate.generation).toMatchObject({ status: 'SUCCEEDED', failure: null });
  return data.generate.generation;
}

const nothing = { kind: 'NONE', skippedSteps: 0, skippedTextEncoding: false, skippedDecoding: false, source: null };

describe('the same request twice', () => {
  it('is answered without a backend, byte for byte the same', async () => {
    const first = await made();
    expect(first.reuse).toMatchObject({ ...nothing, ofSteps: 4 });
    expect(first.timings.every(({ cached }: { cached: boolean }) => !cached)).toBe(true);
    const [png, webp] = await Promise.all([bytesOf(first.images[0].png), bytesOf(first.images[0].webp)]);

    await house.killBackend();
    const began = performance.now();
    const second = await made();
    const ms = performance.now() - began;
    console.log(`answered again in ${ms.toFixed(1)} ms`);
    expect(second.id).not.toBe(first.id);
    const { key } = first.images[0].latent;
    const all = { kind: 'EXACT', skippedSteps: 4, ofSteps: 4, skippedTextEncoding: true, skippedDecoding: true };
    expect(second.reuse).toEqual({ ...all, source: { key }, similarity: null });
    expect(second.images[0].reuse).toEqual(second.reuse);
    expect(second.record).toEqual(first.record);
    const computed = second.timings.filter(({ cached }: { cached: boolean }) => !cached);
    expect(computed.map(({ stage }: { stage: string }) => stage)).toEqual(['QUEUE']);
    expect(await bytesOf(second.images[0].png)).toEqual(png);
    expect(await bytesOf(second.images[0].webp)).toEqual(webp);
    // A format that nobody has asked for yet is encoded at the edge.
    expect((await bytesOf(second.images[0].png.replace('.png', '.png'))).byteLength).toBe(png.byteLength);
    await house.startBackend();
  });

  it('is computed again where that was asked for', async () => {
    const first = await made();
    const before = await jobs();
    const again = await made({ reuse: 'NONE' });
    expect(await jobs()).toBe(before + 1);
    expect(again.parameters.reuse).toBe('NONE');
    expect(again.reuse).toMatchObject(nothing);
    expect(again.images[0].latent).toEqual(first.images[0].latent);
  });
});

it('does not encode a text that was encoded', async () => {
  await made({ seed: 20 });
  const other = await made({ seed: 21 });
  expect(other.reuse).toMatchObject({
    kind: 'EXACT',
    skippedSteps: 0,
    skippedTextEncoding: true,
    skippedDecoding: false,
  });
  const text = other.timings.find(({ stage }: { stage: string }) => stage === 'TEXT_ENCODE');
  expect(text).toMatchObject({ cached: true, backend: null });
  const alone = await made({ seed: 21, reuse: 'NONE' });
  expect(alone.images[0].latent).toEqual(other.images[0].latent);
});

it('computes fifty identical requests at once once', async () => {
  const before = await jobs();
  const all = await Promise.all(Array.from({ length: 50 }, () => made({ seed: 500, steps: 60 })));
  expect(await jobs()).toBe(before + 1);
  expect(new Set(all.map(({ images }) => images[0].latent.digest)).size).toBe(1);
  const skipped = all.map(({ reuse }) => reuse.skippedSteps).sort((a, b) => a - b);
  expect(skipped).toEqual([0, ...Array(49).fill(60)]);
});

describe('deleting', () => {
  const remove = async (id: string) =>
    (
      await house.ask(
        'mutation ($id: ID!) { deleteGeneration(id: $id) { __typename ... on Deleted { id } ... on Error { code } } }',
        { id },
      )
    ).data.deleteGeneration;
  const removeLatent = async (key: string) =>
    (
      await house.ask(
        'mutation ($key: String!) { deleteLatent(key: $key) { __typename ... on DeletedLatent { key } ... on Error { code } } }',
        { key },
      )
    ).data.deleteLatent;

  it('takes along what nobody else has, and leaves what somebody has', async () => {
    const one = await made({ seed: 900 });
    const other = await made({ seed: 900 });
    const [image] = one.images;
    expect(await removeLatent(image.latent.key)).toMatchObject({ code: 'FORBIDDEN' });
    await bytesOf(image.png);

    expect(await remove(one.id)).toEqual({ __typename: 'Deleted', id: one.id });
    expect(await remove(one.id)).toMatchObject({ code: 'NOT_FOUND' });
    expect((await fetch(image.png)).status).toBe(404);
    expect((await fetch(other.images[0].png)).status).toBe(200);

    await remove(other.id);
    expect((await fetch(other.images[0].png)).status).toBe(404);
    const { data, errors } = await house.ask(
      `query ($id: ID!, $image: ID!, $key: String!) { generation(id: $id) { id } node(id: $image) { id } latent(key: $key) { key }
        latents(first: 100) { edges { node { key } } } }`,
      { id: other.id, image: image.id, key: image.latent.key },
    );
    expect(data).toMatchObject({ generation: null, node: null, latent: null });
    expect(errors?.[0]?.extensions.code).toBe('NOT_FOUND');
    expect(JSON.stringify(data.latents)).not.toContain(image.latent.key);
    expect(await removeLatent(image.latent.key)).toMatchObject({ code: 'NOT_FOUND' });

    const before = await jobs();
    const again = await made({ seed: 900 });
    expect(await jobs()).toBe(before + 1);
    expect(again.images[0].latent).toEqual(image.latent);
  });

  it('stops what is not at its end, and leaves others who want the same alone', async () => {
    const long = { seed: 901, steps: 300 };
    const { generation } = (await house.generate({ ...input, ...long, wait: 0 })) as { generation: { id: string } };
    const other = made(long);
    expect(await remove(generation.id)).toMatchObject({ __typename: 'Deleted' });
    expect((await other).images).toHaveLength(1);
    const { data } = await house.ask('query ($id: ID!) { generation(id: $id) { id } }', { id: generation.id });
    expect(data.generation).toBeNull();
  });
});
