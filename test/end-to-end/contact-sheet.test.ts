/** Contact sheets through HTTP: made, drawn, stopped, deleted, refused, and gone on with after the worker was killed. */
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { askGraphql } from '../ask-graphql.ts';
import { MortalHouse } from '../faults/mortal-house.ts';

let house: MortalHouse;
let url: string;
beforeAll(async () => {
  house = await MortalHouse.build({ backends: 1, side: 64, variables: { BACKLOG: '8' } });
  url = house.edge.url;
}, 120_000);
afterAll(() => house?.tearDown());

const fields = `__typename id status progress { step steps fraction } failure { code } createdAt finishedAt
  image { id width height latent { key } png: url webp: url(format: WEBP) jpeg: url(format: JPEG) }
  cells { id status parameters { steps seed } images { url } }`;
const make = async (input: object) =>
  (
    await askGraphql(
      url,
      `mutation ($input: ContactSheetInput!) { contactSheet(input: $input) {
        ... on ContactSheet { ${fields} } ... on Error { __typename code message } ... on RetryLaterError { retryAfterMs }
      } }`,
      { input },
    )
  ).contactSheet;
const read = async (id: string) =>
  (await askGraphql(url, `query ($id: ID!) { node(id: $id) { ... on ContactSheet { ${fields} } } }`, { id })).node;
const cancel = async (id: string) =>
  (
    await askGraphql(url, `mutation ($id: ID!) { cancelGeneration(id: $id) { ... on ContactSheet { ${fields} } } }`, {
      id,
    })
  ).cancelGeneration;
const remove = async (id: string) =>
  (await askGraphql(url, 'mutation ($id: ID!) { deleteGeneration(id: $id) { __typename } }', { id })).deleteGeneration;
const generations = async () =>
  (await askGraphql(url, '{ generations { totalCount edges { node { id } } } }')).generations;

const base = { prompt: 'a b' };
const steps = (...values: number[]) => ({ parameter: 'STEPS', values: values.map(String) });
const seeds = (...values: number[]) => ({ parameter: 'SEED', values: values.map(String) });

async function untilStep(id: string, step: number): Promise<void> {
  for (;;) {
    const { progress, status } = await read(id);
    if (progress.step >= step) return;
    if (status === 'FAILED') throw new Error('it failed');
    await sleep(10);
  }
}

const file = async (address: string) => {
  const response = await fetch(address);
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    bytes: Buffer.from(await response.arrayBuffer()),
  };
};
const pixelsOf = async (png: Buffer) => sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });

/** Where a picture is to be found in another, byte for byte. */
async function placeIn(whole: Buffer, part: Buffer): Promise<{ x: number; y: number } | null> {
  const [{ data, info }, { data: own, info: size }] = await Promise.all([pixelsOf(whole), pixelsOf(part)]);
  const row = (of: Buffer, width: number, x: number, y: number) =>
    of.subarray(3 * (y * width + x), 3 * (y * width + x + size.width));
  for (let y = 0; y + size.height <= info.height; y++) {
    for (let x = 0; x + size.width <= info.width; x++) {
      const isThere = Array.from({ length: size.height }).every((_, i) =>
        row(data, info.width, x, y + i).equals(row(own, size.width, 0, i)),
      );
      if (isThere) return { x, y };
    }
  }
  return null;
}

it('is made with all of its generations, and drawn with each in its place', async () => {
  const sheet = await make({ base, x: steps(1, 2, 3), y: seeds(1, 2), wait: 60_000 });
  expect(sheet).toMatchObject({
    __typename: 'ContactSheet',
    status: 'SUCCEEDED',
    progress: { step: 12, steps: 12, fraction: 1 },
    failure: null,
    image: { latent: null },
  });
  expect(sheet.finishedAt >= sheet.createdAt).toBe(true);
  const png = await file(sheet.image.png);
  expect(png).toMatchObject({ status: 200, type: 'image/png' });
  expect(await sharp(png.bytes).metadata()).toMatchObject({ width: sheet.image.width, height: sheet.image.height });
  const places: ({ x: number; y: number } | null)[][] = [];
  for (const row of sheet.cells) {
    places.push([]);
    for (const { images } of row) places.at(-1)!.push(await placeIn(png.bytes, (await file(images[0].url)).bytes));
  }
  const [[first, second, third], [below]] = places as [{ x: number; y: number }[], { x: number; y: number }[]];
  expect(second!.x).toBeGreaterThanOrEqual(first!.x + 64);
  expect(third!.x - second!.x).toBe(second!.x - first!.x);
  expect([second!.y, below!.x]).toEqual([first!.y, first!.x]);
  expect(below!.y).toBeGreaterThanOrEqual(first!.y + 64);
  for (const [format, type] of [
    ['webp', 'image/webp'],
    ['jpeg', 'image/jpeg'],
  ]) {
    const other = await file(sheet.image[format!]);
    expect(other).toMatchObject({ status: 200, type });
    expect(await sharp(other.bytes).metadata()).toMatchObject({ width: sheet.image.width, height: sheet.image.height });
  }
  expect((await file(sheet.image.png.split('?')[0])).status).toBe(404);
  const query = 'query ($id: ID!) { node(id: $id) { ... on Image { dataUri } } }';
  const { node } = await askGraphql(url, query, { id: sheet.image.id });
  expect(node.dataUri).toBe(`data:image/png;base64,${png.bytes.toString('base64')}`);
});

it('shares what is the same, whoever made it', async () => {
  const before = await house.steps();
  const sheet = await make({ base, x: steps(1, 2, 3), y: seeds(1, 3), wait: 60_000 });
  expect(sheet.status).toBe('SUCCEEDED');
  expect((await house.steps()) - before).toBe(6);
});

it('goes on to its end after the worker was killed, and is the same sheet when it is asked for again', {
  timeout: 120_000,
}, async () => {
  const input = { base: { ...base, seed: 5 }, x: steps(80, 90, 100), idempotencyKey: 'killed' };
  const { id } = await make(input);
  await untilStep(id, 100);
  const before = (await read(id)).progress.step;
  await house.edge.kill();
  await house.edge.start();
  expect((await read(id)).progress.step).toBeGreaterThanOrEqual(before);
  const again = await make({ ...input, wait: 60_000 });
  expect(again).toMatchObject({ id, status: 'SUCCEEDED', progress: { step: 270 } });
  expect((await file(again.image.png)).status).toBe(200);
  expect((await make({ ...input, x: steps(80) })).code).toBe('IDEMPOTENCY_CONFLICT');
});

it('is stopped with all of its generations, and shows those that were there', { timeout: 120_000 }, async () => {
  // Which of them begins first nobody says: this one takes no backend any more.
  await make({ base: { ...base, seed: 6 }, x: steps(2), wait: 60_000 });
  const { id } = await make({ base: { ...base, seed: 6 }, x: steps(2, 900, 901) });
  await untilStep(id, 30);
  while ((await read(id)).cells[0][0].status !== 'SUCCEEDED') await sleep(10);
  const stopped = await cancel(id);
  expect(stopped).toMatchObject({ id, status: 'CANCELLED', finishedAt: expect.any(String) });
  expect(stopped.cells[0].map(({ status }: { status: string }) => status)).toEqual([
    'SUCCEEDED',
    'CANCELLED',
    'CANCELLED',
  ]);
  expect((await file(stopped.image.png)).status).toBe(200);
  expect(await cancel(id)).toEqual(stopped);
  const { id: early } = await make({ base: { ...base, seed: 7 }, x: steps(902, 903) });
  expect(await cancel(early)).toMatchObject({ status: 'CANCELLED', image: null });
});

it('is refused as a whole where there is no room for all of it', async () => {
  const { totalCount } = await generations();
  const refused = await make({
    base: { ...base, seed: 8 },
    x: steps(...Array.from({ length: 12 }, (_, i) => 500 + i)),
  });
  expect(refused).toMatchObject({
    __typename: 'RetryLaterError',
    code: 'QUEUE_FULL',
    retryAfterMs: expect.any(Number),
  });
  expect((await generations()).totalCount).toBe(totalCount);
});

it('is deleted with its generations, and goes when one of them is deleted', async () => {
  const [one, other] = [
    await make({ base, x: seeds(11, 12), wait: 60_000 }),
    await make({ base, x: seeds(21, 22), wait: 60_000 }),
  ];
  expect(await remove(one.id)).toEqual({ __typename: 'Deleted' });
  const [first, second] = other.cells[0];
  expect(await remove(first.id)).toEqual({ __typename: 'Deleted' });
  for (const sheet of [one, other]) {
    expect(await read(sheet.id)).toBeNull();
    expect((await file(sheet.image.png)).status).toBe(404);
    expect(await remove(sheet.id)).toEqual({ __typename: 'RequestError' });
  }
  const left = (await generations()).edges.map(({ node }: { node: { id: string } }) => node.id);
  expect(left).toContain(second.id);
  for (const { id } of [...one.cells[0], first]) expect(left).not.toContain(id);
});
