import { describe, expect, test } from 'vitest';
import { ask } from './testing/ask.ts';
import { memoryServices, testCard, testLatent } from './testing/services.ts';

describe('images and latents', () => {
  test('have addresses, and files within the answer', async () => {
    const services = memoryServices();
    services.generations.add();
    const { data } = await ask(
      services,
      `{ generations { edges { node { images { width height seed url webp: url(format: WEBP) dataUri(format: JPEG)
           latent { key digest shape dtype bytes checkpointDigest url createdAt checkpoint { name } generation { status } } } } } } }`,
    );
    expect(data.generations.edges[0].node.images).toEqual([
      {
        width: 128,
        height: 128,
        seed: 7,
        url: 'https://darkroom.test/images/g1.0.png',
        webp: 'https://darkroom.test/images/g1.0.webp',
        dataUri: 'data:image/jpeg;base64,ZzEuMA==',
        latent: {
          key: testLatent.key,
          digest: testLatent.digest,
          shape: [8, 16, 16],
          dtype: 'F32',
          bytes: 8192,
          checkpointDigest: testCard.digest,
          url: `https://darkroom.test/latents/${testLatent.key}.safetensors`,
          createdAt: testLatent.createdAt,
          checkpoint: { name: 'shipped' },
          generation: { status: 'SUCCEEDED' },
        },
      },
    ]);
  });

  test('are sent as data URIs at most ten times, however many images a generation turns out to have', async () => {
    const services = memoryServices();
    services.generations.add('SUCCEEDED', 11);
    const { data, errors } = await ask(services, '{ generations { edges { node { images { dataUri } } } } }');
    expect(data).toEqual({ generations: null });
    expect(errors?.[0]?.originalError).toMatchObject({ code: 'TOO_COMPLEX' });
  });

  test('a latent is found by its key', async () => {
    const services = memoryServices();
    const find = (key: string) => ask(services, 'query ($key: String!) { latent(key: $key) { bytes } }', { key });
    expect(await find(testLatent.key)).toEqual({ data: { latent: { bytes: 8192 } } });
    const unknown = await find('f'.repeat(64));
    expect(unknown.data).toEqual({ latent: null });
    expect(unknown.errors?.[0]?.originalError).toMatchObject({ code: 'NOT_FOUND' });
    expect((await find('F'.repeat(64))).errors?.[0]?.originalError).toMatchObject({ code: 'INPUT_INVALID' });
  });
});
