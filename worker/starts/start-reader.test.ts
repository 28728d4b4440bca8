import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { writeSafetensors } from '../../models/checkpoint/safetensors.ts';
import type { GenerationParameters, StartSource } from '../../schema/context.ts';
import { testCard, testLatent } from '../../schema/testing/services.ts';
import { latentKey } from '../latents/recipe.ts';
import { StartReader } from './start-reader.ts';

const file = new Uint8Array(
  readFileSync(new URL('../../test/goldens/data/pictures/lossless_alpha.webp', import.meta.url)),
);
const data = Buffer.from(file).toString('base64');
const size = { width: 16, height: 8 };
const decoded: string[] = [];
const reader = new StartReader(async key => [testLatent, foreign].find(latent => latent.key === key) ?? null, {
  async pixels(key) {
    decoded.push(key);
    return { data: new Uint8Array(16 * 8 * 3).fill(9), ...size };
  },
});
const foreign = { ...testLatent, key: 'f'.repeat(64), checkpointDigest: 'd'.repeat(64) };
const read = (source: StartSource, of: { width: number; height: number } = size) =>
  reader.read(source, testCard, of, ['input', 'from']);
const latent = (...dims: number[]) => ({ data: new Float32Array(dims.reduce((a, b) => a * b)).fill(0.5), dims });

describe('a picture', () => {
  it('is brought to its size, and goes by the key of what its encoding will be', async () => {
    const start = await read({ image: { data } });
    const pixels = start.content?.kind === 'PIXELS' ? start.content.pixels : null;
    expect(pixels).toMatchObject(size);
    expect(pixels!.data).toHaveLength(16 * 8 * 3);
    const recipe = { kind: 'encoded', version: 1, checkpoint: testCard.digest, ...size } as const;
    const { digest } = start.content as { digest: string };
    expect(start).toMatchObject({ from: 'IMAGE', latentKey: await latentKey({ ...recipe, pixels: digest }) });
  });

  it('goes by the same key whatever else is asked for, and by another at another size', async () => {
    const { latentKey: key } = await read({ image: { data } });
    const parameters = { ...size, steps: 7, count: 3, seed: 1 } as unknown as GenerationParameters;
    expect((await read({ image: { data } }, parameters)).latentKey).toBe(key);
    expect((await read({ image: { file: new Blob([file]) } })).latentKey).toBe(key);
    expect((await read({ image: { data: `data:image/webp;base64,${data}` } })).latentKey).toBe(key);
    expect((await read({ image: { data } }, { width: 8, height: 16 })).latentKey).not.toBe(key);
  });

  it('may be a latent’s', async () => {
    const start = await read({ image: { latentKey: foreign.key } });
    expect(start).toMatchObject({ from: 'IMAGE', content: { pixels: size } });
    expect(decoded).toEqual([foreign.key]);
  });
});

describe('a latent', () => {
  const own = { width: 128, height: 128 };

  it('is taken by its key', async () => {
    expect(await read({ latentKey: testLatent.key }, own)).toEqual({
      from: 'LATENT',
      latentKey: testLatent.key,
      content: null,
    });
  });

  it('may come as a file, with or without its batch, of float32 or less', async () => {
    const sent = (dims: number[]) => ({ image: { file: new Blob([writeSafetensors({ latent: latent(...dims) })]) } });
    const start = await read(sent([8, 1, 2]));
    expect(start).toMatchObject({ from: 'LATENT', content: { kind: 'LATENT', latent: latent(8, 1, 2) } });
    expect((await read(sent([1, 8, 1, 2]))).latentKey).toBe(start.latentKey);
    expect((await read(sent([8, 2, 1]), { width: 8, height: 16 })).latentKey).not.toBe(start.latentKey);
  });

  const refused: [string, StartSource, string[], string][] = [
    ['of another checkpoint', { latentKey: foreign.key }, ['latentKey'], 'a latent of another checkpoint, dddddddddd…'],
    [
      'of another size',
      { latentKey: testLatent.key },
      ['latentKey'],
      'has the shape [8, 16, 16], which is 128×128 pixels: expected [8, 1, 2] for width 16 and height 8',
    ],
    ['of no key', { latentKey: 'A'.repeat(64) }, ['latentKey'], 'is not 64 lower-case hex digits'],
    [
      'of bytes',
      { image: { file: new Blob([writeSafetensors({ latent: { data: new Uint8Array(3), dims: [3, 1, 1] } })]) } },
      ['image', 'file'],
      'the tensor latent is [3, 1, 1]: expected [channels, height, width] of F32, F16 or BF16',
    ],
    [
      'of a damaged file',
      { image: { file: new Blob([writeSafetensors({ latent: latent(8, 1, 2) }).subarray(0, -4)]) } },
      ['image', 'file'],
      'the .safetensors is damaged',
    ],
    ['of no base64', { image: { data: 'x;' } }, ['image', 'data'], 'data is not base64'],
  ];
  it.each(refused)('is refused %s', async (_, source, path, message) => {
    await expect(read(source)).rejects.toMatchObject({
      issues: [{ path: ['input', 'from', ...path], message: expect.stringContaining(message) }],
    });
  });

  it('is not found where there is none', async () => {
    for (const source of [{ latentKey: 'e'.repeat(64) }, { image: { latentKey: 'e'.repeat(64) } }]) {
      await expect(read(source)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
  });
});
