/** Everything that can be done with real files, through HTTP: right answers, and typed errors for what no picture is. */
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSafetensors, writeSafetensors } from '../../models/checkpoint/safetensors.ts';

import { writeDklat } from '../../models/latent-file/dklat.ts';
import { quantise } from '../../models/latent-file/quantised-latent.ts';
import { forgedPng } from '../edge/forged-png.ts';
import { tinyFolder } from '../models/tiny-checkpoint.ts';
import { withExtras } from '../models/tiny-extras.ts';
import { type GraphqlAnswer, House } from './house.ts';

let house: House;
/** Another worker and another backend, with the same checkpoint and nothing else of the first. */
let neighbour: House;
beforeAll(async () => {
  house = await House.build({}, true, [withExtras(tinyFolder())]);
  neighbour = await house.neighbour();
});
afterAll(async () => {
  await neighbour?.tearDown();
  await house?.tearDown();
});

const error = '... on Error { code message } ... on InputError { issues { path message } }';
const image = 'image { id width height url dataUri latent { key } }';

/** Mutations that take an image, by name: their input's other parts, and what to answer. */
const procedures = {
  encodeImage: '... on EncodeImageSuccess { latent { key shape image { width height } } }',
  reconstruct: `... on Reconstruction { ${image} latent { key } mse psnr outlierScore outlier bitsPerPixelIn bitsPerPixelLatent }`,
  compress: `... on Compression { ${image} latent { key } bytes bitsPerPixel psnr url rivals { codec quality bytes psnr } }`,
  discriminate: '... on Score { score real }',
  classify: '... on Classifications { classes { label probability similarity } }',
} as const;
type Procedure = keyof typeof procedures;
const names = Object.keys(procedures) as Procedure[];
const inputTypes = {
  encodeImage: 'EncodeImageInput',
  reconstruct: 'ReconstructInput',
  compress: 'CompressInput',
  discriminate: 'DiscriminateInput',
  classify: 'ClassifyInput',
} as const;

const queryOf = (name: Procedure) =>
  `mutation ($input: ${inputTypes[name]}!) { ${name}(input: $input) { __typename ${procedures[name]} ${error} } }`;
const labels = (name: Procedure) => (name === 'classify' ? { labels: ['a', 'b', 'a b'] } : {});

/** As a multipart request sends it. */
async function upload(name: Procedure, file: Uint8Array<ArrayBuffer>, fileName = 'picture.png', where = house) {
  const form = new FormData();
  const variables = { input: { image: { file: null }, ...labels(name) } };
  form.set('operations', JSON.stringify({ query: queryOf(name), variables }));
  form.set('map', JSON.stringify({ 0: ['variables.input.image.file'] }));
  form.set('0', new Blob([file]), fileName);
  const response = await fetch(`${where.url}/graphql`, {
    method: 'POST',
    headers: { 'graphql-require-preflight': '1' },
    body: form,
  });
  const { data, errors } = (await response.json()) as Pick<GraphqlAnswer, 'data' | 'errors'>;
  expect(errors).toBeUndefined();
  return data[name];
}

async function send(name: Procedure, source: Record<string, unknown>, more: Record<string, unknown> = {}) {
  const { data, errors } = await house.ask(queryOf(name), { input: { image: source, ...labels(name), ...more } });
  expect(errors).toBeUndefined();
  return data[name];
}

const bytes = (buffer: Buffer) => new Uint8Array(buffer);
const picture = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: { r: 200, g: 90, b: 20 } } });

/** Two pictures one after the other. */
async function animation(): Promise<Uint8Array<ArrayBuffer>> {
  const frames = await Promise.all(
    ['red', 'blue'].map(background => {
      return sharp({ create: { width: 8, height: 8, channels: 3, background } })
        .png()
        .toBuffer();
    }),
  );
  return bytes(
    await sharp(frames, { join: { animated: true } })
      .webp({ loop: 0 })
      .toBuffer(),
  );
}

/** What is taken, and how. */
const accepted: Record<string, () => Promise<Uint8Array<ArrayBuffer>>> = {
  'a picture of one pixel': async () => bytes(await picture(1, 1).png().toBuffer()),
  'a PNG of 16 bits': async () => bytes(await picture(20, 30).toColourspace('rgb16').png().toBuffer()),
  'a JPEG': async () => bytes(await picture(64, 40).jpeg().toBuffer()),
  'a WebP with transparency': async () => bytes(await picture(40, 64).ensureAlpha(0.5).webp().toBuffer()),
};

/** What is not, and what is said of it. */
const refused: Record<string, [() => Promise<Uint8Array<ArrayBuffer>>, RegExp]> = {
  'a picture of 10,000 × 10,000 pixels': [
    async () => bytes(await picture(10_000, 10_000).png().toBuffer()),
    /10000×10000 pixels: at most/,
  ],
  'a PNG that ends early': [async () => bytes((await picture(64, 64).png().toBuffer()).subarray(0, -40)), /ends early/],
  'a text called .png': [async () => new TextEncoder().encode('This is no picture.'), /no PNG, JPEG or WebP/],
  'a bomb': [
    async () => forgedPng(3_000, 2_000, deflateSync(new Uint8Array(50_000_000).fill(7))),
    /damaged|ends early/,
  ],
  'an animated WebP': [animation, /animated/],
  'a JPEG of four colours': [
    async () => bytes(await picture(16, 16).toColourspace('cmyk').jpeg().toBuffer()),
    /4 components|CMYK/,
  ],
  nothing: [async () => new Uint8Array(0), /is empty/],
};

/** Some of these take a second to make. */
const files: Record<string, Uint8Array<ArrayBuffer>> = {};

describe.each(names)('%s', name => {
  it.each(Object.keys(accepted))('takes %s', async kind => {
    const made = await upload(name, await accepted[kind]!());
    expect(made.__typename).not.toMatch(/Error$/);
  });

  it.each(Object.keys(refused))('refuses %s', async kind => {
    const [make, message] = refused[kind]!;
    files[kind] ??= await make();
    const made = await upload(name, files[kind]);
    expect(made).toMatchObject({
      __typename: 'InputError',
      issues: [{ path: ['input', 'image', 'file'], message: expect.stringMatching(message) }],
    });
  });

  it('refuses what is no base64', async () => {
    expect(await send(name, { data: 'no base64!' })).toMatchObject({
      __typename: 'InputError',
      issues: [{ path: ['input', 'image', 'data'] }],
    });
  });

  it('refuses a latent that is not here', async () => {
    expect(await send(name, { latentKey: 'f'.repeat(64) })).toMatchObject({ code: 'NOT_FOUND' });
    expect(await send(name, { latentKey: 'x' })).toMatchObject({ issues: [{ path: ['input', 'image', 'latentKey'] }] });
  });
});

it('leaves the backend alive and its memory bounded', async () => {
  const { running } = (await (await fetch(`http://127.0.0.1:${house.backendPort}/health`)).json()) as {
    running: number;
  };
  expect(running).toBe(0);
  expect(house.log.filter(line => line.includes('"level":"error"'))).toEqual([]);
});

const scene = async () => {
  const spot = await picture(30, 30).png().toBuffer();
  const whole = sharp({ create: { width: 90, height: 60, channels: 3, background: '#3060c0' } });
  return bytes(
    await whole
      .composite([{ input: spot, left: 25, top: 10 }])
      .png()
      .toBuffer(),
  );
};
const dataOf = async () => `data:image/png;base64,${Buffer.from(await scene()).toString('base64')}`;
const bytesOf = async (url: string) => bytes(Buffer.from(await (await fetch(url)).arrayBuffer()));

describe('a picture', () => {
  it('is encoded once, whatever way it is sent, and found by likeness', async () => {
    const { latent } = await upload('encodeImage', await scene());
    expect((await send('encodeImage', { data: await dataOf() })).latent).toEqual(latent);
    const { key } = latent;
    const { data } = await house.ask(
      'query ($image: ImageInput!) { similar(to: { image: $image }, first: 1) { edges { similarity node { key } } } }',
      { image: { data: await dataOf() } },
    );
    expect(data.similar.edges[0].node.key).toBe(key);
    expect(data.similar.edges[0].similarity).toBeCloseTo(1, 5);
  });

  it('is turned as its EXIF says', async () => {
    const file = await sharp(await scene())
      .jpeg({ quality: 100, chromaSubsampling: '4:4:4' })
      .withMetadata({ orientation: 6 })
      .toBuffer();
    const turned = await sharp(file).autoOrient().png().toBuffer();
    const [a, b] = [await upload('encodeImage', bytes(file)), await upload('encodeImage', bytes(turned))];
    // Two JPEG decoders may differ by a value here and there: their latents must not by much.
    const { data } = await house.ask(`{ similarity(aKey: "${a.latent.key}", bKey: "${b.latent.key}") { latent } }`);
    expect(data.similarity.latent).toBeGreaterThan(0.999);
  });

  it('is reconstructed, with its error', async () => {
    const made = await send('reconstruct', { data: await dataOf() });
    expect(made.image).toMatchObject({ width: 8, height: 8, latent: { key: made.latent.key } });
    expect(made.psnr).toBeCloseTo(10 * Math.log10(255 ** 2 / made.mse), 6);
    expect(made.bitsPerPixelIn).toBeCloseTo((8 * (await scene()).length) / (90 * 60), 6);
    // 3 channels of 4 x 4 numbers of 32 bits for 8 x 8 pixels.
    expect(made.bitsPerPixelLatent).toBe((3 * 4 * 4 * 32) / 64);
    expect(await sharp(await bytesOf(made.image.url)).metadata()).toMatchObject({ width: 8, height: 8 });
  });

  it('is compressed into a file that brings back the same picture to the byte', async () => {
    const made = await send('compress', { data: await dataOf() }, { bits: 4 });
    const file = await bytesOf(made.url);
    expect(file).toHaveLength(made.bytes);
    expect(made.rivals.map(({ codec }: { codec: string }) => codec)).toEqual(['JPEG', 'WebP']);
    // Here, and in processes that have never seen the picture.
    for (const where of [house, neighbour]) {
      const { latent } = await upload('encodeImage', file, 'small.dklat', where);
      const query = 'query ($key: String!) { latent(key: $key) { digest image { url } } }';
      const { data } = await where.ask(query, { key: latent.key });
      expect(await bytesOf(data.latent.image.url)).toEqual(await bytesOf(made.image.url));
    }
    // Reading it is the permission.
    expect((await fetch(made.url.replace(/token=.{4}/, 'token=AAAA'))).status).toBe(404);
  });

  it('is judged, and told from others by words', async () => {
    const { score, real } = await send('discriminate', { data: await dataOf() });
    expect(score).toBeGreaterThan(0);
    expect(real).toBe(score >= 0.25);
    const { classes } = await send('classify', { data: await dataOf() });
    expect(classes).toHaveLength(3);
    const sum = classes.reduce((total: number, { probability }: { probability: number }) => total + probability, 0);
    expect(sum).toBeCloseTo(1, 6);
  });

  it('may be that of a latent', async () => {
    const { latent } = await send('encodeImage', { data: await dataOf() });
    for (const name of names) expect((await send(name, { latentKey: latent.key })).__typename).not.toMatch(/Error$/);
  });

  it('is not what a latent is taken for where a picture is needed', async () => {
    const { data } = await house.ask(
      `mutation ($data: String!) { compress(input: { image: { data: $data } }) { ... on Compression { url } } }`,
      {
        data: await dataOf(),
      },
    );
    const file = await bytesOf(data.compress.url);
    expect(await upload('reconstruct', file)).toMatchObject({ issues: [{ path: ['input', 'image', 'file'] }] });
    file[20]! ^= 1;
    expect(await upload('encodeImage', file)).toMatchObject({ __typename: 'InputError' });
  });
});

describe('embed', () => {
  it('answers with the numbers, and the same as a file', async () => {
    const query =
      'mutation ($input: EmbedInput!) { embed(input: $input) { ... on Embeddings { dimensions url vectors } ... on Error { code message } } }';
    const { data } = await house.ask(query, { input: { images: [{ data: await dataOf() }], texts: ['a b', 'b'] } });
    const { dimensions, url, vectors } = data.embed;
    expect([dimensions, vectors.length]).toEqual([5, 3]);
    for (const vector of vectors) expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
    const file = readSafetensors(await bytesOf(url)).get('vectors')!;
    expect(file.dims).toEqual([3, 5]);
    expect([...(file.data as Float32Array)]).toEqual(vectors.flat());
    const prompts = await house.ask(query, { input: { texts: ['a b', 'b'], space: 'PROMPT' } });
    expect(prompts.data.embed.vectors).toHaveLength(2);
    const mixed = await house.ask(query, { input: { images: [{ data: await dataOf() }], space: 'PROMPT' } });
    expect(mixed.data.embed).toMatchObject({ code: 'UNSUPPORTED' });
  });
});

describe('the way between two latents', () => {
  it('begins and ends with them', async () => {
    const { generation } = await house.generate({ prompt: 'a b', seed: 1, steps: 2, count: 2, wait: 60_000 });
    const [from, to] = generation.images;
    const { data } = await house.ask(
      'mutation ($input: InterpolateInput!) { interpolate(input: $input) { ... on Interpolation { images { url latent { key image { id } } } } ... on Error { message } } }',
      { input: { fromKey: from.latent.key, toKey: to.latent.key, count: 20 } },
    );
    const { images } = data.interpolate;
    expect(images).toHaveLength(20);
    const raw = async (url: string) =>
      (
        await sharp(await bytesOf(url))
          .raw()
          .toBuffer()
      ).toString('hex');
    expect(await raw(images[0].url)).toBe(await raw(from.png));
    expect(await raw(images[19].url)).toBe(await raw(to.png));
    expect(new Set(images.map((each: { latent: { key: string } }) => each.latent.key)).size).toBe(20);
  });
});

const random = async (input: Record<string, unknown>) => {
  const { data } = await house.ask(
    `mutation ($input: RandomImageInput!) { randomImage(input: $input) { ... on RandomImageSuccess { seed ${image} } ... on Error { code message } } }`,
    { input },
  );
  return data.randomImage;
};

describe('random images', () => {
  it('of pixels are drawn anew from their address, and are the same', async () => {
    const made = await random({ kind: 'PIXELS', seed: 3 });
    expect(made.image).toMatchObject({ width: 8, height: 8, latent: null });
    const served = await sharp(await bytesOf(made.image.url))
      .raw()
      .toBuffer();
    const inline = await sharp(Buffer.from(made.image.dataUri.split(',')[1], 'base64'))
      .raw()
      .toBuffer();
    expect(served).toEqual(inline);
    const { data } = await house.ask('query ($id: ID!) { node(id: $id) { ... on Image { width latent { key } } } }', {
      id: made.image.id,
    });
    expect(data.node).toEqual({ width: 8, latent: null });
  });

  it('of latents are kept, and the same for the same seed', async () => {
    const [a, b, c] = [
      await random({ kind: 'LATENT', seed: 3 }),
      await random({ kind: 'LATENT', seed: 3 }),
      await random({ kind: 'LATENT', seed: 4 }),
    ];
    expect(a.image.latent.key).toBe(b.image.latent.key);
    expect(a.image.latent.key).not.toBe(c.image.latent.key);
    expect(a.image.dataUri).not.toBe(c.image.dataUri);
  });

  it('of data need a vocabulary', async () => {
    expect(await random({ kind: 'DATA', seed: 3 })).toMatchObject({ code: 'UNSUPPORTED' });
  });
});

describe('what is not to be had', () => {
  it('random pixels of a size that nobody was given', async () => {
    for (const size of ['9999x9999', '8x8']) {
      const id = Buffer.from(`Image:pixels-1-${size}`).toString('base64url');
      const { data } = await house.ask('query ($id: ID!) { node(id: $id) { ... on Image { url } } }', { id });
      expect(data.node).toBeNull();
    }
  });

  it('a file that claims to be a large latent is not decoded', async () => {
    const large = { data: new Float32Array(64 * 64 * 64).map((_, i) => Math.sin(i)), dims: [64, 64, 64] };
    const file = writeDklat(quantise(large, 2), { checkpointDigest: 'a'.repeat(64) });
    expect(await upload('encodeImage', file)).toMatchObject({
      issues: [{ message: expect.stringContaining('has the shape [64, 64, 64]') }],
    });
  });

  it('a latent that was deleted does not come back because it was looked at', async () => {
    const [a, b] = [await random({ kind: 'LATENT', seed: 50 }), await random({ kind: 'LATENT', seed: 51 })];
    const [fromKey, toKey] = [a.image.latent.key, b.image.latent.key];
    const query = 'mutation ($input: InterpolateInput!) { interpolate(input: $input) { ... on Error { code } } }';
    const running = house.ask(query, { input: { fromKey, toKey, count: 40 } });
    const { data } = await house.ask(`mutation { deleteLatent(key: "${fromKey}") { __typename } }`);
    expect(data.deleteLatent.__typename).toBe('DeletedLatent');
    await running;
    const { errors } = await house.ask(`{ latent(key: "${fromKey}") { key } }`);
    expect(errors?.[0]?.extensions.code).toBe('NOT_FOUND');
  });

  it('more pictures between latents than a request may have', async () => {
    const { latent } = (await random({ kind: 'LATENT', seed: 60 })).image;
    const way = `interpolate(input: { fromKey: "${latent.key}", toKey: "${latent.key}", count: 40 }) { ... on Error { code } }`;
    const { data } = await house.ask(`mutation { a: ${way} b: ${way} }`);
    expect(data.a).toEqual({});
    expect(data.b).toEqual({ code: 'TOO_COMPLEX' });
  });

  it('a file whose numbers no autoencoder makes', async () => {
    const file = writeSafetensors({
      latent: { data: new Float32Array(48).map((_, i) => (i % 2 ? 1e30 : -1e30)), dims: [3, 4, 4] },
    });
    expect(await upload('compress', file)).toMatchObject({ __typename: 'InputError' });
  });
});

describe('what is made in a request', () => {
  it('is found by what follows in it, though it was looked for in vain before', async () => {
    const data = await dataOf();
    const { latent } = await send('encodeImage', { data });
    await house.ask(`mutation { deleteLatent(key: "${latent.key}") { __typename } }`);
    const way = `interpolate(input: { fromKey: "${latent.key}", toKey: "${latent.key}", count: 2 }) { __typename ... on Error { code } }`;
    const answer = await house.ask(
      `mutation ($image: ImageInput!) { a: ${way} b: reconstruct(input: { image: $image }) { ... on Reconstruction { image { latent { key } } } } c: ${way} }`,
      { image: { data } },
    );
    expect(answer.data.a).toMatchObject({ code: 'NOT_FOUND' });
    expect(answer.data.b.image.latent.key).toBe(latent.key);
    expect(answer.data.c).toEqual({ __typename: 'Interpolation' });
  });

  it('of a stored latent is by its own numbers', async () => {
    const [a, b] = [await random({ kind: 'LATENT', seed: 70 }), await random({ kind: 'LATENT', seed: 71 })];
    const keys = [a, b].map(({ image }) => image.latent.key);
    const { data } = await house.ask(
      'mutation ($input: EmbedInput!) { embed(input: $input) { ... on Embeddings { vectors } } }',
      { input: { images: keys.map(latentKey => ({ latentKey })) } },
    );
    const [x, y] = data.embed.vectors;
    const cosine = x.reduce((sum: number, value: number, i: number) => sum + value * y[i], 0);
    const compared = await house.ask(`{ similarity(aKey: "${keys[0]}", bKey: "${keys[1]}") { embedding } }`);
    expect(cosine).toBeCloseTo(compared.data.similarity.embedding, 5);
  });

  it('many images are embedded as each is alone', async () => {
    const images = await Promise.all(
      Array.from({ length: 20 }, async (_, i) => {
        const png = await sharp({
          create: { width: 9, height: 9, channels: 3, background: { r: 12 * i, g: 80, b: 255 - 12 * i } },
        })
          .png()
          .toBuffer();
        return { data: png.toString('base64') };
      }),
    );
    const query = 'mutation ($input: EmbedInput!) { embed(input: $input) { ... on Embeddings { vectors } } }';
    const together = (await house.ask(query, { input: { images } })).data.embed.vectors;
    for (const i of [0, 7, 8, 19]) {
      const [alone] = (await house.ask(query, { input: { images: [images[i]] } })).data.embed.vectors;
      for (const [k, value] of alone.entries()) expect(together[i][k]).toBeCloseTo(value, 5);
    }
  });
});
