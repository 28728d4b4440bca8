/** Image to image: from pictures however they are sent, from latents, at other sizes, and what is refused. */
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkpointFiles } from '../../gpu-backend/checkpoint-files.ts';
import { createOnnxRuntime } from '../../gpu-backend/onnxruntime-node.ts';
import { readSafetensors, writeSafetensors } from '../../models/checkpoint/safetensors.ts';
import { StableDiffusionPipeline } from '../../models/pipeline.ts';
import { fromPixels } from '../../models/pixels.ts';
import { resize } from '../../models/resize.ts';
import type { FloatTensor } from '../../models/runtime.ts';
import { tinyFolder } from '../models/tiny-checkpoint.ts';
import { tinySdxlFolder } from '../models/tiny-sdxl.ts';
import { House } from './house.ts';

let house: House;
/** The names of the two checkpoints. */
let plain: string;
let sdxl: string;
let picture: Buffer;
beforeAll(async () => {
  house = await House.build({}, true, [tinyFolder(), tinySdxlFolder()]);
  [plain, sdxl] = house.checkpoints.map(folder => basename(folder)) as [string, string];
  const waves = Uint8Array.from({ length: 20 * 14 * 3 }, (_, i) => 127 + 120 * Math.sin(i / 7));
  picture = await sharp(waves, { raw: { width: 20, height: 14, channels: 3 } })
    .png()
    .toBuffer();
});
afterAll(() => house?.tearDown());

const input = { prompt: 'a b', negativePrompt: 'b', steps: 10, seed: 7, wait: 60_000 };
const dataUri = (file: Uint8Array, type = 'image/png') => `data:${type};base64,${Buffer.from(file).toString('base64')}`;
const fromData = (file: Uint8Array, strength?: number) => ({
  from: { image: { data: dataUri(file) } },
  ...(strength !== undefined && { strength }),
});
const bytesOf = async (url: string) => Buffer.from(await (await fetch(url)).arrayBuffer());

async function generation(change: Record<string, unknown>, where: House = house) {
  const { generation } = await where.generate({ ...input, ...change });
  expect(generation).toMatchObject({ status: 'SUCCEEDED', failure: null });
  return generation;
}

/** The same request with its picture as a file beside it, as the multipart request specification has it. */
async function upload(file: Blob, change: Record<string, unknown> = {}) {
  const query = `mutation ($input: GenerateInput!) { generate(input: $input) {
    ... on InputError { issues { path message } }
    ... on GenerateSuccess { generation { status images { latent { key digest } } } } } }`;
  const variables = { input: { ...input, ...change, start: { from: { image: { file: null } } } } };
  const body = new FormData();
  body.append('operations', JSON.stringify({ query, variables }));
  body.append('map', '{"picture":["variables.input.start.from.image.file"]}');
  body.append('picture', file, 'picture');
  const headers = { 'GraphQL-Require-Preflight': '1' };
  const response = await fetch(`${house.url}/graphql`, { method: 'POST', headers, body });
  // biome-ignore lint/suspicious/noExplicitAny: as loosely typed as House.ask
  return ((await response.json()) as any).data.generate;
}

const latentQuery = `query ($key: String!) { latent(key: $key) {
  id key digest shape url checkpoint { name } generation { id } image { id width height seed url dataUri latent { key } }
} }`;

describe('a start from a picture', () => {
  it('does the last steps only, and tells where it began', async () => {
    const made = await generation({ start: fromData(picture) });
    expect(made.parameters).toMatchObject({
      steps: 10,
      strength: 0.7,
      startLatentKey: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(made.progress).toEqual({ step: 7, steps: 7, fraction: 1 });
    expect(made.record.noise).toContain('first draw samples the latent of the picture');
    expect(made.timings.map(({ stage }: { stage: string }) => stage)).toEqual([
      'QUEUE',
      'IMAGE_ENCODE',
      'TEXT_ENCODE',
      'DENOISE',
      'DECODE',
      'STORE',
    ]);
    expect((await bytesOf(made.images[0].png)).toString('latin1')).toMatch(/Denoising strength: 0\.7/);
    const from = { start: null };
    expect((await generation(from)).parameters).toMatchObject({ startLatentKey: null, strength: null });
  });

  it('is the picture that the models make of it by themselves, at whatever size', async () => {
    const size = { width: 12, height: 16 };
    const made = await generation({ ...size, start: fromData(picture, 0.5), guidanceScale: 1 });
    const folder = house.checkpoints[0]!;
    const pipeline = await StableDiffusionPipeline.load(checkpointFiles(folder), createOnnxRuntime({ folder }));
    const { data, info } = await sharp(picture).raw().toBuffer({ resolveWithObject: true });
    const fitted = resize({ data, dims: [info.height, info.width, 3] }, size.width, size.height);
    let latent: FloatTensor | null = null;
    for await (const step of pipeline.denoise({
      ...(await pipeline.encodeText([made.record.tokenIds])),
      ...size,
      seeds: [7],
      steps: 10,
      guidanceScale: 1,
      scheduler: JSON.parse(made.record.scheduler),
      start: { strength: 0.5, image: fromPixels({ data: fitted.data, dims: [1, ...fitted.dims] }) },
    })) {
      latent = step.latent;
    }
    const pixels = await pipeline.decodeToPixels(latent!);
    await pipeline.release();
    expect(made.images[0]).toMatchObject(size);
    expect(
      (
        await sharp(await bytesOf(made.images[0].png))
          .raw()
          .toBuffer()
      ).equals(pixels.data),
    ).toBe(true);
  });

  it('is the same one as a data URI, as bare base64, as a file of the request and in another format', async () => {
    const { key, digest } = (await generation({ start: fromData(picture) })).images[0].latent;
    const bare = { from: { image: { data: picture.toString('base64') } }, strength: 0.7 };
    expect((await generation({ start: bare })).images[0].latent).toMatchObject({ key, digest });
    const sent = await upload(new Blob([new Uint8Array(picture)], { type: 'image/png' }));
    expect(sent.generation).toEqual({ status: 'SUCCEEDED', images: [{ latent: { key, digest } }] });
    const webp = await sharp(picture).webp({ lossless: true }).toBuffer();
    expect((await generation({ start: fromData(webp) })).images[0].latent).toMatchObject({ key, digest });
  });

  it('makes image i of n as a request for seed + i alone would', async () => {
    const several = await generation({ seed: 50, count: 3, start: fromData(picture) });
    const alone = await generation({ seed: 52, start: fromData(picture) });
    expect(several.progress.steps).toBe(21);
    const { key, digest } = alone.images[0].latent;
    expect(several.images[2].latent).toMatchObject({ key, digest });
  });

  it('leaves the picture’s likeliest latent behind, which can be looked at', async () => {
    const { parameters } = await generation({ start: fromData(picture) });
    const { data, errors } = await house.ask(latentQuery, { key: parameters.startLatentKey });
    expect(errors).toBeUndefined();
    expect(data.latent).toMatchObject({
      key: parameters.startLatentKey,
      shape: [3, 4, 4],
      checkpoint: { name: plain },
      generation: null,
      image: { width: 8, height: 8, seed: null, latent: { key: parameters.startLatentKey } },
    });
    const file = await bytesOf(data.latent.image.url);
    expect(await sharp(file).metadata()).toMatchObject({ format: 'png', width: 8, height: 8 });
    expect(data.latent.image.dataUri).toBe(dataUri(file));
    const again = await house.ask('query ($ids: [ID!]!) { nodes(ids: $ids) { __typename ... on Image { url } } }', {
      ids: [data.latent.id, data.latent.image.id],
    });
    expect(again.data.nodes).toEqual([{ __typename: 'Latent' }, { __typename: 'Image', url: data.latent.image.url }]);
  });

  it('works with schedulers of every kind', async () => {
    for (const scheduler of ['EULER_ANCESTRAL', 'HEUN', 'DPMPP_2M_KARRAS', 'UNIPC', 'PNDM', 'LCM']) {
      const made = await generation({ scheduler, steps: 4, start: fromData(picture, 0.5) });
      expect(made.progress).toEqual({ step: 2, steps: 2, fraction: 1 });
    }
  });
});

describe('a start from a latent', () => {
  it('takes it as it is, and is another one than from its picture', async () => {
    const source = await generation({ seed: 3 });
    const { key } = source.images[0].latent;
    const from = await generation({ start: { from: { latentKey: key }, strength: 0.6 } });
    expect(from.parameters).toMatchObject({ startLatentKey: key, strength: 0.6 });
    expect(from.record.noise).toBe('torch.randn (CPU generator)');
    const looked = await generation({ start: { from: { image: { latentKey: key } }, strength: 0.6 } });
    const file = await bytesOf(source.images[0].png);
    const sent = await generation({ start: fromData(file, 0.6) });
    expect(looked.images[0].latent).toMatchObject({ key: sent.images[0].latent.key });
    expect(looked.images[0].latent.key).not.toBe(from.images[0].latent.key);
    expect(looked.images[0].latent.digest).not.toBe(from.images[0].latent.digest);
  });

  it('may be sent as a file, and is then kept', async () => {
    const [image] = (await generation({ seed: 3 })).images;
    const file = await bytesOf(image.latent.url);
    const from = await generation({ start: fromData(file, 0.6) });
    const { data } = await house.ask(latentQuery, { key: from.parameters.startLatentKey });
    expect(data.latent).toMatchObject({
      digest: image.latent.digest,
      generation: null,
      image: { width: 8, height: 8 },
    });
    expect(data.latent.key).not.toBe(image.latent.key);
    const stored = await generation({ start: { from: { latentKey: image.latent.key }, strength: 0.6 } });
    expect(from.images[0].latent.digest).toBe(stored.images[0].latent.digest);
    const batch = writeSafetensors({ latent: { ...readSafetensors(file).get('latent')!, dims: [1, 3, 4, 4] } });
    const again = await generation({ start: fromData(batch, 0.6) });
    expect(again.images[0].latent.key).toBe(from.images[0].latent.key);
  });

  it('depends on all that it depends on', async () => {
    const [one, other] = (await generation({ seed: 60, count: 2, steps: 2 })).images;
    const starts = [
      { from: { latentKey: one.latent.key }, strength: 0.6 },
      { from: { latentKey: one.latent.key }, strength: 0.8 },
      { from: { latentKey: other.latent.key }, strength: 0.6 },
      fromData(picture, 0.6),
      null,
    ];
    const keys = new Set<string>();
    for (const start of starts) keys.add((await generation({ start })).images[0].latent.key);
    expect(keys.size).toBe(starts.length);
  });
});

describe('latents', () => {
  it('are listed newest first, all of them or one checkpoint’s', async () => {
    await generation({ checkpoint: sdxl, seed: 5, steps: 1 });
    const list = async (args: string) => {
      const { data, errors } = await house.ask(
        `{ latents(${args}) { totalCount pageInfo { hasNextPage endCursor } edges { cursor node { key createdAt checkpoint { name } } } } }`,
      );
      expect(errors).toBeUndefined();
      return data.latents;
    };
    const all = await list('first: 100');
    expect(all.totalCount).toBe(all.edges.length);
    const times = all.edges.map((edge: { node: { createdAt: string } }) => edge.node.createdAt);
    expect(times).toEqual(times.toSorted().reverse());
    expect(all.edges[0].node.checkpoint.name).toBe(sdxl);
    const read: string[] = [];
    for (let after: string | null = null, more = true; more; ) {
      const { edges, pageInfo }: typeof all = await list(`first: 4${after ? `, after: "${after}"` : ''}`);
      read.push(...edges.map((edge: { node: { key: string } }) => edge.node.key));
      ({ endCursor: after, hasNextPage: more } = pageInfo);
    }
    expect(read).toEqual(all.edges.map((edge: { node: { key: string } }) => edge.node.key));
    expect((await list(`checkpoint: "${sdxl}"`)).totalCount).toBe(1);
    const unknown = await house.ask('{ latents(checkpoint: "nobody") { totalCount } }');
    expect(unknown.errors![0]!.extensions.code).toBe('NOT_FOUND');
  });
});

describe('an SDXL checkpoint', () => {
  const told = { originalWidth: 64, originalHeight: 32, cropTop: 4, cropLeft: 2 };

  it('is told sizes, which are part of what the picture depends on', async () => {
    const own = await generation({ checkpoint: sdxl, steps: 2 });
    expect(own.parameters.sdxl).toEqual({
      originalWidth: 8,
      originalHeight: 8,
      cropTop: 0,
      cropLeft: 0,
      targetWidth: 8,
      targetHeight: 8,
    });
    const other = await generation({ checkpoint: sdxl, steps: 2, sdxl: told });
    expect(other.parameters.sdxl).toEqual({ ...told, targetWidth: 8, targetHeight: 8 });
    expect(other.images[0].latent.digest).not.toBe(own.images[0].latent.digest);
    const image = (await bytesOf(other.images[0].png)).toString('latin1');
    expect(image).toContain('"originalWidth":64');
  });

  it('starts from pictures too', async () => {
    const made = await generation({ checkpoint: sdxl, steps: 4, start: fromData(picture, 0.5), sdxl: told });
    expect(made.progress.steps).toBe(2);
  });

  it('alone is told sizes', async () => {
    expect(await house.generate({ ...input, sdxl: told })).toMatchObject({
      __typename: 'RequestError',
      code: 'UNSUPPORTED',
      message: expect.stringContaining('leave out sdxl'),
    });
    expect(await house.generate({ ...input, checkpoint: sdxl, sdxl: { originalWidth: 0 } })).toMatchObject({
      issues: [{ path: ['input', 'sdxl', 'originalWidth'], message: 'originalWidth is 0: at least 1' }],
    });
  });
});

describe('a start is refused', () => {
  const at = (...path: string[]) => ['input', 'start', ...path];
  const text = (value: string) => Buffer.from(value);
  const refused: [string, () => Record<string, unknown> | Promise<Record<string, unknown>>, string[], string][] = [
    [
      'that is no base64',
      () => ({ from: { image: { data: 'não é base64!' } } }),
      at('from', 'image', 'data'),
      'data is not base64, nor a data: URI with base64',
    ],
    [
      'that is a data URI of text',
      () => ({ from: { image: { data: 'data:image/png,hello' } } }),
      at('from', 'image', 'data'),
      'data is not base64',
    ],
    ['that is no picture', () => fromData(text('<svg/>')), at('from', 'image', 'data'), 'no PNG, JPEG or WebP'],
    [
      'that is huge, before it is decoded',
      () => {
        const file = Buffer.from(picture);
        file.writeUInt32BE(100_000, 16);
        file.writeUInt32BE(100_000, 20);
        return fromData(withCrc(file));
      },
      at('from', 'image', 'data'),
      'the picture has 100000×100000 pixels: at most',
    ],
    [
      'whose JPEG is cut off',
      async () => fromData((await sharp(picture).jpeg().toBuffer()).subarray(0, -30)),
      at('from', 'image', 'data'),
      'the JPEG ends early',
    ],
    ['too strong', () => fromData(picture, 1.5), at('strength'), 'strength is 1.5: at most 1'],
    ['too weak', () => fromData(picture, 0.05), at('strength'), 'of 10 steps none would be done, at least 0.1'],
    ['as it is', () => fromData(picture, 0), at('strength'), 'of 10 steps none would be done, at least 0.1'],
    [
      'that is no key',
      () => ({ from: { latentKey: 'abc' } }),
      at('from', 'latentKey'),
      'latentKey is not 64 lower-case hex digits',
    ],
    [
      'that is of another size',
      async () => ({
        from: { latentKey: (await generation({ width: 12, height: 8, steps: 1 })).images[0].latent.key },
      }),
      at('from', 'latentKey'),
      'has the shape [3, 4, 6], which is 12×8 pixels: expected [3, 4, 4] for width 8 and height 8',
    ],
    [
      'that is a latent of another checkpoint',
      async () => ({ from: { latentKey: (await generation({ checkpoint: sdxl, steps: 1 })).images[0].latent.key } }),
      at('from', 'latentKey'),
      'a latent of another checkpoint',
    ],
    [
      'that is a file of another shape',
      () => fromData(writeSafetensors({ latent: { data: new Float32Array(4), dims: [1, 2, 2] } })),
      at('from', 'image', 'data'),
      'has the shape [1, 2, 2]',
    ],
    [
      'that is a file of something else',
      () => fromData(writeSafetensors({ image: { data: new Float32Array(4), dims: [1, 2, 2] } })),
      at('from', 'image', 'data'),
      'no tensor called latent',
    ],
    [
      'that is no number',
      () => fromData(writeSafetensors({ latent: { data: new Float32Array(48).fill(Number.NaN), dims: [3, 4, 4] } })),
      at('from', 'image', 'data'),
      'holds NaN or infinity',
    ],
  ];
  it.each(refused)('%s', async (_, start, path, message) => {
    const answer = await house.generate({ ...input, start: await start() });
    expect(answer).toMatchObject({
      __typename: 'InputError',
      code: 'INPUT_INVALID',
      issues: [{ path, message: expect.stringContaining(message) }],
    });
  });

  it('that there is not', async () => {
    for (const from of [{ latentKey: 'f'.repeat(64) }, { image: { latentKey: 'f'.repeat(64) } }]) {
      const answer = await house.generate({ ...input, start: { from } });
      expect(answer).toMatchObject({ __typename: 'RequestError', code: 'NOT_FOUND' });
    }
  });

  it('that names nothing, or two things', async () => {
    const query = 'mutation ($input: GenerateInput!) { generate(input: $input) { __typename } }';
    for (const from of [{}, { latentKey: 'f'.repeat(64), image: { data: '' } }, { image: {} }, { latentKey: null }]) {
      const { status, errors } = await house.ask(query, { input: { prompt: 'a', start: { from } } });
      expect([status, errors![0]!.extensions.code]).toEqual([400, 'INPUT_INVALID']);
      expect(errors![0]!.message).toMatch(/Exactly one key must be specified|must be non-null/);
    }
  });

  it('that is a text where a file belongs, and a file that is no picture', async () => {
    const { errors } = await house.ask(
      'mutation ($f: Upload!) { generate(input: { prompt: "a", start: { from: { image: { file: $f } } } }) { __typename } }',
      { f: 'x' },
    );
    expect(errors![0]!.message).toContain('file of a multipart request');
    expect(await upload(new Blob(['GIF89a']))).toMatchObject({
      issues: [{ path: at('from', 'image', 'file'), message: 'the file is no PNG, JPEG or WebP' }],
    });
  });
});

describe('what a generation starts from', () => {
  const state =
    'query ($id: ID!) { generation(id: $id) { status failure { message } images { latent { key digest } } } }';

  it('outlives the process', async () => {
    const file = await bytesOf((await generation({ seed: 3 })).images[0].latent.url);
    const upsideDown = fromData(await sharp(picture).flip().toBuffer());
    // Keeps the backend busy: what comes after it has not begun when the worker stops.
    await house.generate({ ...input, wait: 0, seed: 1_000, steps: 900 });
    const asked = [];
    for (const start of [upsideDown, fromData(file, 0.9)]) {
      asked.push({ start, ...(await house.generate({ ...input, wait: 0, seed: 8, start })).generation });
    }
    await house.restartEdge();
    for (const { id, start } of asked) {
      let made = { status: 'QUEUED', images: [] };
      for (const until = Date.now() + 60_000; !/SUCC|FAIL/.test(made.status) && Date.now() < until; await sleep(50)) {
        made = (await house.ask(state, { id })).data.generation;
      }
      const [{ latent }] = (await generation({ seed: 8, start })).images;
      expect(made).toEqual({
        status: 'SUCCEEDED',
        failure: null,
        images: [{ latent: { key: latent.key, digest: latent.digest } }],
      });
    }
  });

  it('cannot be looked at without a backend when nobody has looked yet, and can when there is one', async () => {
    const { parameters } = await generation({ start: fromData(await sharp(picture).flop().toBuffer()) });
    const look = `query ($key: String!) { latent(key: $key) { key image { width url } } latents(first: 1) { edges { node { key } } } }`;
    await house.killBackend();
    const unseen = await house.ask(look, { key: parameters.startLatentKey });
    expect(unseen.data.latent).toEqual({ key: parameters.startLatentKey, image: null });
    expect(unseen.data.latents.edges).toHaveLength(1);
    expect(unseen.errors).toMatchObject([{ extensions: { code: 'BACKEND_UNAVAILABLE' } }]);
    await house.startBackend();
    const seen = (await house.ask(look, { key: parameters.startLatentKey })).data.latent.image;
    expect(seen.width).toBe(8);
    await house.killBackend();
    expect((await house.ask(look, { key: parameters.startLatentKey })).data.latent.image).toEqual(seen);
    expect((await bytesOf(seen.url)).length).toBeGreaterThan(100);
  });
});

/** The header's checksum made right again. */
function withCrc(file: Buffer): Buffer {
  const header = file.subarray(12, 29);
  let crc = 0xffffffff;
  for (const byte of header) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  file.writeUInt32BE((crc ^ 0xffffffff) >>> 0, 29);
  return file;
}
