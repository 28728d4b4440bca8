/** From a prompt to a picture and back: generations, pages, files, latents. */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSafetensors } from '../../models/checkpoint/safetensors.ts';
import { House } from './house.ts';

let house: House;
/** Shares nothing with the other but the checkpoint: what it makes, it has made itself. */
let neighbour: House;
beforeAll(async () => {
  house = await House.build();
  neighbour = await house.neighbour();
});
afterAll(async () => {
  await neighbour?.tearDown();
  await house?.tearDown();
});

const input = { prompt: 'a b', negativePrompt: 'b', steps: 3, seed: 7, wait: 60_000 };

async function generation(change: Record<string, unknown> = {}, where: House = house) {
  const { generation } = await where.generate({ ...input, ...change });
  expect(generation).toMatchObject({ status: 'SUCCEEDED', failure: null });
  return generation;
}

const bytesOf = async (url: string) => Buffer.from(await (await fetch(url)).arrayBuffer());

describe('generate', () => {
  it('answers at once without a wait, and progress only grows until it has succeeded', async () => {
    const { generation } = await house.generate({ ...input, seed: 1, steps: 60, count: 2, wait: 0 });
    expect(generation).toMatchObject({ status: 'QUEUED', images: [], record: null, finishedAt: null });
    let last = { status: 'QUEUED', progress: { step: 0, steps: 120, fraction: 0 }, images: [] };
    const query = `query ($id: ID!) { generation(id: $id) { status images { id } progress { step steps fraction } }
      generations(first: 1) { edges { node { progress { step } } } } }`;
    for (const until = Date.now() + 30_000; last.status !== 'SUCCEEDED' && Date.now() < until; ) {
      const { data } = await house.ask(query, { id: generation.id });
      expect(data.generation.progress.step).toBeGreaterThanOrEqual(last.progress.step);
      expect(data.generations.edges[0].node.progress.step).toBeGreaterThanOrEqual(data.generation.progress.step);
      last = data.generation;
      await sleep(5);
    }
    expect(last).toMatchObject({ status: 'SUCCEEDED', progress: { step: 120, steps: 120, fraction: 1 } });
    expect(last.images).toHaveLength(2);
  });

  it('tells everything that is needed to make the picture again', async () => {
    const made = await generation();
    const { checkpointDigest } = made.record;
    expect(made.record).toMatchObject({
      seed: 7,
      noise: 'torch.randn (CPU generator)',
      dtype: 'float32',
      executionProvider: 'cpu',
      darkroom: expect.stringMatching(/^\d+\.\d+\.\d+$/),
    });
    expect(made.record.tokenIds.length).toBeGreaterThan(2);
    expect(JSON.parse(made.record.scheduler)).toMatchObject({ _class_name: 'DDIMScheduler', steps_offset: 1 });
    expect(made.parameters).toMatchObject({ steps: 3, seed: 7, count: 1, scheduler: 'DDIM' });
    expect(made.timings.map(({ stage }: { stage: string }) => stage)).toEqual([
      'QUEUE',
      'TEXT_ENCODE',
      'DENOISE',
      'DECODE',
      'STORE',
    ]);
    const { data } = await house.ask('{ checkpoint { digest } }');
    expect(data.checkpoint.digest).toBe(checkpointDigest);
  });

  it('makes image i of n as a request for seed + i alone would', async () => {
    const several = await generation({ seed: 100, count: 3 });
    const alone = await generation({ seed: 102 }, neighbour);
    expect(several.images.map(({ seed }: { seed: number }) => seed)).toEqual([100, 101, 102]);
    const { key, digest } = alone.images[0].latent;
    expect(several.images[2].latent).toMatchObject({ key, digest });
    expect(await bytesOf(several.images[2].png)).toEqual(await bytesOf(alone.images[0].png));
    expect(new Set(several.images.map((image: { latent: { key: string } }) => image.latent.key)).size).toBe(3);
  });

  it('draws a seed where none is given, and returns it', async () => {
    const [one, other] = [await generation({ seed: null }), await generation({ seed: null })];
    expect(one.parameters.seed).not.toBe(other.parameters.seed);
  });
});

describe('generations', () => {
  it('pages through them, newest first, in both directions', async () => {
    for (let seed = 0; seed < 5; seed++) await generation({ seed, steps: 1 });
    const page = async (args: string) => {
      const { data } = await house.ask(
        `{ generations(${args}, status: [SUCCEEDED]) { totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
           edges { cursor node { id createdAt } } } }`,
      );
      return data.generations;
    };
    const all = await page('first: 100');
    const ids = all.edges.map((edge: { node: { id: string } }) => edge.node.id);
    const times = all.edges.map((edge: { node: { createdAt: string } }) => edge.node.createdAt);
    expect(times).toEqual(times.toSorted().reverse());
    expect(all.totalCount).toBe(ids.length);

    const read: string[] = [];
    for (let after: string | null = null, more = true; more; ) {
      const { edges, pageInfo }: typeof all = await page(`first: 2${after ? `, after: "${after}"` : ''}`);
      read.push(...edges.map((edge: { node: { id: string } }) => edge.node.id));
      ({ endCursor: after, hasNextPage: more } = pageInfo);
    }
    expect(read).toEqual(ids);
    const end = await page('last: 2');
    expect(end.edges.map((edge: { node: { id: string } }) => edge.node.id)).toEqual(ids.slice(-2));
    expect(end.pageInfo).toMatchObject({ hasPreviousPage: true, hasNextPage: false });
    const none = await house.ask('{ generations(status: [FAILED]) { totalCount edges { cursor } } }');
    expect(none.data.generations).toEqual({ totalCount: 0, edges: [] });
  });
});

describe('an image', () => {
  it.each([
    ['png', 'image/png', 'png'],
    ['webp', 'image/webp', 'webp'],
    ['jpeg', 'image/jpeg', 'jpeg'],
  ])('is a real %s file, of its size', async (field, type, format) => {
    const made = await generation();
    const [image] = made.images;
    const response = await fetch(image[field]);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': type,
      'cache-control': 'private, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
      etag: expect.stringMatching(/^"[0-9a-f]{64}"$/),
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    const metadata = await sharp(bytes).metadata();
    expect(metadata).toMatchObject({ format, width: image.width, height: image.height, channels: 3 });

    // Lossy or not, it is the same picture.
    const [pixels, original] = await Promise.all(
      [bytes, await bytesOf(image.png)].map(file => sharp(file).raw().toBuffer()),
    );
    const difference = original!.reduce((sum, value, i) => sum + Math.abs(value - pixels![i]!), 0) / original!.length;
    expect(difference).toBeLessThan(field === 'png' ? 1e-9 : 25);

    const again = await fetch(image[field], { headers: { 'if-none-match': response.headers.get('etag')! } });
    expect(again.status).toBe(304);
    expect((await again.arrayBuffer()).byteLength).toBe(0);
    const head = await fetch(image[field], { method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(head.headers.get('etag')).toBe(response.headers.get('etag'));
    expect(head.headers.get('content-length')).toBe(String(bytes.byteLength));
  });

  it('is the same to the byte for the same request, whatever ran before it', async () => {
    const one = await generation({ seed: 31 });
    await generation({ seed: 30, steps: 2, count: 2, width: 32 }, neighbour);
    const other = await generation({ seed: 31 }, neighbour);
    expect(one.images[0].latent.digest).toBe(other.images[0].latent.digest);
    expect(one.id).not.toBe(other.id);
    for (const field of ['png', 'webp', 'jpeg']) {
      expect(one.images[0][field]).not.toBe(other.images[0][field]);
      expect(await bytesOf(one.images[0][field])).toEqual(await bytesOf(other.images[0][field]));
    }
    const different = await generation({ seed: 32 });
    expect(await bytesOf(different.images[0].png)).not.toEqual(await bytesOf(one.images[0].png));
  });

  it('says in its PNG file how it was made', async () => {
    const made = await generation({ prompt: 'a b 🍎' });
    const { comments } = await sharp(await bytesOf(made.images[0].png)).metadata();
    const texts = Object.fromEntries(comments!.map(({ keyword, text }) => [keyword, text]));
    expect(texts.parameters).toMatch(
      /^a b 🍎\nNegative prompt: b\nSteps: 3, Sampler: DDIM, CFG scale: [\d.]+, Seed: 7, /,
    );
    expect(JSON.parse(texts.darkroom!)).toMatchObject({ prompt: 'a b 🍎', seed: 7, steps: 3 });
    expect(texts.darkroom).not.toMatch(/createdAt|timing|onnxruntime/);
  });

  it('is the same file as a data: URI', async () => {
    const made = await generation();
    const { data } = await house.ask(
      'query ($id: ID!) { node(id: $id) { ... on Image { dataUri webp: dataUri(format: WEBP) } } }',
      { id: made.images[0].id },
    );
    expect(data.node.dataUri).toBe(`data:image/png;base64,${(await bytesOf(made.images[0].png)).toString('base64')}`);
    expect(data.node.webp).toBe(`data:image/webp;base64,${(await bytesOf(made.images[0].webp)).toString('base64')}`);
  });

  it('is there for who has its whole address, and for nobody else', async () => {
    const made = await generation();
    const url = new URL(made.images[0].png);
    const anothers = `?token=${made.images[0].webp.split('token=')[1]}`;
    const latent = new URL(made.images[0].latent.url).pathname;
    // What exists and what does not are answered alike.
    for (const path of [url.pathname, '/images/00-0.png', latent, `/latents/${'0'.repeat(64)}.safetensors`]) {
      const answers = await Promise.all(['', '?token=x', anothers].map(query => fetch(new URL(path + query, url))));
      expect(answers.map(({ status }) => status)).toEqual([404, 404, 404]);
      const wrong = 'The token is not the one of this address';
      expect(await Promise.all(answers.map(answer => answer.json()))).toEqual(
        ['This address lacks its token', wrong, wrong].map(fault => ({
          errors: [
            {
              message: `${fault}: use the whole address that the API answers with`,
              extensions: { code: 'NOT_FOUND' },
            },
          ],
        })),
      );
    }
  });
});

describe('a latent', () => {
  it('is a safetensors file with one tensor, whose bytes have the digest', async () => {
    const made = await generation();
    const { latent } = made.images[0];
    const tensors = readSafetensors(await bytesOf(latent.url));
    expect([...tensors.keys()]).toEqual(['latent']);
    const { data, dims } = tensors.get('latent')!;
    expect(dims).toEqual(latent.shape);
    expect(latent).toMatchObject({
      dtype: 'F32',
      bytes: data.byteLength,
      checkpointDigest: made.record.checkpointDigest,
    });
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(latent.digest);
  });

  it('is found by its key, and knows the first generation that holds it', async () => {
    const first = await generation({ seed: 55 });
    await generation({ seed: 55 });
    const { data } = await house.ask('query ($key: String!) { latent(key: $key) { digest generation { id } } }', {
      key: first.images[0].latent.key,
    });
    expect(data.latent).toEqual({ digest: first.images[0].latent.digest, generation: { id: first.id } });
  });
});
