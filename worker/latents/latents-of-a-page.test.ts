import { afterAll, beforeAll, expect, it } from 'vitest';
import { memoryServices } from '../../schema/testing/services.ts';
import { memoryR2 } from '../../test/edge/in-memory.ts';
import { type RealD1, realD1 } from '../../test/edge/real-d1.ts';
import { createGraphQL } from '../graphql/create.ts';
import { latentService } from './latent-files.ts';
import { LatentStore } from './latent-store.ts';

/** More images altogether than D1 binds values. */
const generations = 8;
const imagesEach = 16;

let d1: RealD1;
/** What the database was asked, in order. */
const asked: string[] = [];
let store: LatentStore;

beforeAll(async () => {
  d1 = await realD1();
  const { database } = d1;
  const counted: D1Database = {
    prepare(sql) {
      asked.push(sql);
      return database.prepare(sql);
    },
    batch: statements => database.batch(statements),
  };
  store = new LatentStore(memoryR2().bucket, counted);
});
afterAll(() => d1?.close());

const keyOf = (number: number) => number.toString(16).padStart(64, '0');

/** Generations of which every image has a latent of its own; the last one's is not there any more. */
async function services() {
  const images = { of: () => Promise.reject(new Error('nobody looks at them')) };
  const latents = latentService({
    store,
    deletion: { latent: async () => 'UNKNOWN' },
    images,
    origin: 'https://darkroom.test',
    urlSecret: 'u'.repeat(32),
  });
  const services = { ...memoryServices(), latents };
  for (let i = 0; i < generations; i++) {
    const made = services.generations.add('SUCCEEDED', imagesEach);
    const images = made.images.map((image, j) => ({ ...image, latentKey: keyOf(i * imagesEach + j) }));
    services.generations.all[i] = { ...made, images };
  }
  const insert = d1.database.prepare(
    `INSERT INTO latents (key, digest, shape, dtype, bytes, checkpoint_digest, created_at)
     VALUES (?, 'digest', '[1,1,1]', 'F32', 4, 'checkpoint', '2026-11-22T18:00:00.000Z')`,
  );
  const kept = Array.from({ length: generations * imagesEach - 1 }, (_, number) => insert.bind(keyOf(number)));
  await d1.database.batch(kept);
  return services;
}

it('are one question to the database, however many images there are', async () => {
  const graphql = createGraphQL({ logger: { fault: report => expect.unreachable(JSON.stringify(report)) } });
  const query = `{ generations(first: ${generations}) { edges { node { images { seed latent { key url } } } } } }`;
  const request = new Request('http://localhost/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  const given = await services();
  asked.length = 0;
  const { data } = (await (await graphql(request, given)).json()) as { data: Answer };
  expect(asked).toHaveLength(1);
  const latents = data.generations.edges.flatMap(({ node }) => node.images.map(({ latent }) => latent?.key));
  // Newest first.
  const expected = given.generations.all.toReversed().flatMap(({ images }) => images.map(image => image.latentKey));
  expect(latents).toEqual(expected.map(key => (key === keyOf(generations * imagesEach - 1) ? undefined : key)));
});

interface Answer {
  readonly generations: {
    readonly edges: readonly { readonly node: { readonly images: readonly { latent: { key: string } | null }[] } }[];
  };
}
