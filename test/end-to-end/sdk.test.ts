/** The SDK against the whole of Darkroom. */
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Darkroom, type Generation, isDarkroomError, type Likeness } from '../../client/sdk/index.ts';
import { readSafetensors } from '../../models/checkpoint/safetensors.ts';
import { tinyFolder } from '../models/tiny-checkpoint.ts';
import { withExtras } from '../models/tiny-extras.ts';
import { House } from './house.ts';

let house: House;
let darkroom: Darkroom;
beforeAll(async () => {
  house = await House.build({}, true, [withExtras(tinyFolder())]);
  darkroom = new Darkroom({ url: house.url });
});
afterAll(() => house?.tearDown());

const picture = async () =>
  new Uint8Array(
    await sharp({ create: { width: 40, height: 30, channels: 3, background: '#c85a14' } })
      .png()
      .toBuffer(),
  );
const errorOf = async (promise: PromiseLike<unknown>) => {
  const error = await Promise.resolve(promise).then(
    () => null,
    (error: unknown) => error,
  );
  if (!isDarkroomError(error)) throw error ?? new Error('it succeeded');
  return error;
};

describe('generate', () => {
  it('is a generation when awaited, with pictures that can be downloaded', async () => {
    const generation = await darkroom.generate({ prompt: 'a b', steps: 2, seed: 1n });
    expect(generation).toMatchObject({ status: 'SUCCEEDED', prompt: 'a b', parameters: { steps: 2, seed: 1 } });
    const [image] = generation.images;
    const file = await darkroom.download(image!.url);
    const { format, width, height } = await sharp(await file.arrayBuffer()).metadata();
    expect({ format, width, height }).toEqual({ format: 'png', width: image!.width, height: image!.height });
    expect(await file.text()).toContain('digitalsourcetype/trainedAlgorithmicMedia');
    const latent = await darkroom.latent(image!.latent!.key);
    const tensor = readSafetensors(new Uint8Array(await (await darkroom.download(latent.url)).arrayBuffer()));
    expect(tensor.get('latent')?.dims ?? []).toEqual(latent.shape);
  });

  it('tells its progress to all who iterate, to the end, and ends for who awaits it meanwhile', async () => {
    const handle = darkroom.generate({ prompt: 'a', steps: 300 });
    const watch = async () => {
      const seen: Generation[] = [];
      for await (const snapshot of handle) seen.push(snapshot);
      return seen;
    };
    const [one, two, end] = await Promise.all([watch(), watch(), handle]);
    for (const seen of [one, two]) {
      const steps = seen.map(({ progress }) => progress.step);
      expect(steps).toEqual(steps.toSorted((a, b) => a - b));
      expect(new Set(steps).size).toBeGreaterThan(2);
      expect(seen.at(-1)).toMatchObject({ id: end.id, status: 'SUCCEEDED' });
    }
    expect(end.images).toHaveLength(1);
  });

  it('is cancelled: for who awaits it that is an error, for who iterates an end', async () => {
    const handle = darkroom.generate({ prompt: 'b', steps: 900, count: 4 });
    const statuses: string[] = [];
    for await (const { status, progress } of handle) {
      statuses.push(status);
      if (progress.step > 0 && status === 'DENOISING') await handle.cancel();
    }
    expect(statuses.at(-1)).toBe('CANCELLED');
    expect(await errorOf(handle)).toMatchObject({ kind: 'cancelled', code: null, generation: { status: 'CANCELLED' } });
  });

  it('starts from a file that travels beside it', async () => {
    const start = { from: { image: await picture() }, strength: 0.5 };
    const { parameters, images } = await darkroom.generate({ prompt: 'a', steps: 4, start });
    const file = await (await darkroom.download(images[0]!.url)).text();
    expect(file).toContain('digitalsourcetype/compositeWithTrainedAlgorithmicMedia');
    expect(parameters).toMatchObject({ strength: 0.5, startLatentKey: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });

  it('says what is wrong by kind, as a value where that is asked for', async () => {
    const result = await darkroom.generate({ prompt: '' }).result();
    expect(result).toMatchObject({
      ok: false,
      error: { kind: 'prompt', code: 'PROMPT_INVALID', report: { allowed: false } },
    });
    expect(await errorOf(darkroom.generate({ prompt: 'a', steps: 0 }))).toMatchObject({
      kind: 'input',
      issues: [{ path: ['input', 'steps'], message: expect.any(String) }],
    });
    expect(await errorOf(darkroom.generate({ prompt: 'a', checkpoint: 'none' }))).toMatchObject({
      kind: 'request',
      code: 'NOT_FOUND',
    });
  });

  it('asked twice under one key is one generation', async () => {
    const input = { prompt: 'b a', steps: 2, idempotencyKey: 'twice' };
    const [one, two] = await Promise.all([darkroom.generate(input), darkroom.generate(input)]);
    expect(two.id).toBe(one.id);
  });

  it('stops following when its signal aborts, and the generation goes on', async () => {
    const controller = new AbortController();
    const handle = darkroom.generate({ prompt: 'a b', steps: 500 }, { signal: controller.signal });
    const { id } = await handle.accepted;
    controller.abort(new Error('enough'));
    await expect(handle.result()).rejects.toThrow('enough');
    expect(await darkroom.watch(id)).toMatchObject({ id, status: 'SUCCEEDED' });
  });
});

describe('a server that restarts in the middle', () => {
  it('is waited for: the handle goes on to the end, its steps never down', async () => {
    const handle = darkroom.generate({ prompt: 'a b', steps: 900, count: 2, seed: 5 });
    const port = Number(new URL(house.url).port);
    const steps: number[] = [];
    let restarted: Promise<void> | null = null;
    for await (const { progress, status } of handle) {
      steps.push(progress.step);
      if (status === 'DENOISING' && progress.step > 0) {
        restarted ??= (async () => {
          await house.edge.close();
          await house.startEdge(port);
        })();
      }
    }
    await restarted;
    expect(await handle).toMatchObject({ status: 'SUCCEEDED' });
    expect(restarted).not.toBeNull();
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
    expect(steps.at(-1)).toBe(1800);
  });

  it('is not waited for by who has no patience', async () => {
    const nobody = new Darkroom({ url: 'http://127.0.0.1:9', patienceMs: 0 });
    expect(await errorOf(nobody.checkpoints())).toMatchObject({ kind: 'connection', code: null });
    expect(await errorOf(nobody.generate({ prompt: 'a' }))).toMatchObject({ kind: 'connection' });
  });
});

describe('what is there', () => {
  it('is listed by pages, and told one by one', async () => {
    const page = await darkroom.generations({ first: 2 });
    expect(page.nodes).toHaveLength(2);
    expect(page.hasNextPage).toBe(true);
    const all: string[] = [];
    for await (const { id } of darkroom.allGenerations()) all.push(id);
    expect(new Set(all).size).toBe(page.totalCount);
    expect(await darkroom.generation(all[0]!)).toMatchObject({ id: all[0] });
    expect(await darkroom.generation('nobody')).toBeNull();
    expect((await darkroom.latents()).nodes.length).toBeGreaterThan(1);
    await darkroom.deleteGeneration(all[0]!);
    expect(await darkroom.generation(all[0]!)).toBeNull();
    expect(await errorOf(darkroom.deleteGeneration(all[0]!))).toMatchObject({ kind: 'request', code: 'NOT_FOUND' });
    expect(await errorOf(darkroom.watch(all[0]!))).toMatchObject({ kind: 'request', code: 'NOT_FOUND' });
  });

  it('has checkpoints, a vocabulary where one was taught, and an opinion of prompts', async () => {
    const [checkpoint] = await darkroom.checkpoints();
    expect(await darkroom.checkpoint()).toEqual(checkpoint);
    expect((await darkroom.vocabulary()).nodes).toEqual([]);
    expect(await darkroom.checkPrompt({ prompt: 'a' })).toMatchObject({ allowed: true, truncated: false });
  });

  it.each<[string, () => Promise<Likeness>]>([
    ['a text', async () => ({ text: 'a' })],
    ['a file', async () => ({ image: await picture() })],
    ['a latent', async () => ({ latentKey: (await darkroom.latents({ first: 1 })).nodes[0]!.key })],
  ])('is found by %s', async (_, likeness) => {
    const { nodes } = await darkroom.similar(await likeness(), { first: 3 });
    expect(nodes).toHaveLength(3);
    const similarities = nodes.map(({ similarity }) => similarity);
    expect(similarities).toEqual(similarities.toSorted((a, b) => b - a));
    expect(nodes[0]!.latent.image?.url).toMatch(/^http/);
  });

  it('answers whatever else is asked', async () => {
    const { checkpoints } = await darkroom.graphql<{ checkpoints: { name: string }[] }>('{ checkpoints { name } }', {});
    expect(checkpoints).toHaveLength(1);
    const query = 'mutation ($file: Upload!) { encodeImage(input: { image: { file: $file } }) { __typename } }';
    expect(await darkroom.graphql(query, { file: new Blob([await picture()]) })).toEqual({
      encodeImage: { __typename: 'EncodeImageSuccess' },
    });
    expect(await errorOf(darkroom.graphql('{ nope }', {}))).toMatchObject({ kind: 'input', code: 'INPUT_INVALID' });
  });
});

describe('the laboratory', () => {
  it('takes pictures as bytes, Blobs, base64 and latents', async () => {
    const png = await picture();
    const a = await darkroom.encode(png);
    expect((await darkroom.encode(new Blob([png]))).key).toBe(a.key);
    expect((await darkroom.encode({ data: Buffer.from(png).toString('base64') })).key).toBe(a.key);
    const b = await darkroom.encode(png.slice().buffer).then(() => darkroom.latents({ first: 20 }));
    const other = b.nodes.find(({ key, shape }) => key !== a.key && String(shape) === String(a.shape))!;
    expect(await darkroom.similarity(a.key, other.key)).toMatchObject({ latent: expect.any(Number) });
    expect(await darkroom.interpolate({ fromKey: a.key, toKey: other.key, count: 3 })).toHaveLength(3);
    expect(await darkroom.reconstruct(png)).toMatchObject({ psnr: expect.any(Number), image: { width: 8 } });
    const small = await darkroom.compress(png, { bits: 4 });
    expect((await darkroom.download(small.url)).size).toBe(small.bytes);
    expect(await darkroom.discriminate({ latentKey: a.key })).toMatchObject({ real: expect.any(Boolean) });
    expect(await darkroom.classify(png, { labels: ['a', 'b'], first: 1 })).toHaveLength(1);
    expect(await darkroom.randomImage({ kind: 'PIXELS', seed: 3 })).toMatchObject({ seed: 3, image: { latent: null } });
    const { dimensions, vectors } = await darkroom.embed({ images: [png], texts: ['a'] });
    expect(vectors?.map(({ length }) => length)).toEqual([dimensions, dimensions]);
  });

  it('names what is wrong with a picture', async () => {
    expect(await errorOf(darkroom.encode(new Uint8Array([1, 2, 3])))).toMatchObject({
      kind: 'input',
      issues: [{ path: ['input', 'image', 'file'] }],
    });
  });

  it('draws contact sheets, which are followed as generations are', async () => {
    const x = { parameter: 'STEPS', values: ['2', '3'] } as const;
    const sheet = await darkroom.contactSheet({ base: { prompt: 'a', seed: 1 }, x });
    expect(sheet).toMatchObject({ status: 'SUCCEEDED', image: { url: expect.any(String) } });
    expect(sheet.cells[0]!.map(({ parameters }) => parameters.steps)).toEqual([2, 3]);
  });
});
