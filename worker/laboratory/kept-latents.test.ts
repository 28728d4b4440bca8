import { beforeEach, expect, it } from 'vitest';
import type { FloatTensor } from '../../models/runtime.ts';
import { testCard } from '../../schema/testing/services.ts';
import { memoryD1, memoryR2 } from '../../test/edge/in-memory.ts';
import { LatentStore } from '../latents/latent-store.ts';
import { KeptLatents } from './kept-latents.ts';

const asked: string[] = [];
const latentOf = (value: number): FloatTensor => ({ data: new Float32Array(8).fill(value), dims: [8, 1, 1] });
const pixelsOf = ({ data }: FloatTensor) => ({ data: new Uint8Array(12).fill(data[0]!), width: 2, height: 2 });
const workbench = {
  async encode(_: unknown, [picture]: readonly { data: Uint8Array }[], decodes: boolean) {
    asked.push(decodes ? 'encode and decode' : 'encode');
    const latent = latentOf(picture!.data[0]!);
    return [{ latent, pixels: decodes ? pixelsOf(latent) : null, embedding: null }];
  },
  async decode(_: unknown, latents: readonly FloatTensor[]) {
    asked.push(`decode ${latents.length}`);
    return latents.map(latent => ({ latent, pixels: pixelsOf(latent), embedding: null }));
  },
};
const key = (digit: string) => digit.repeat(64);
const picture = (digit: string, value: number) => {
  const pixels = { data: new Uint8Array(12).fill(value), width: 2, height: 2 };
  const source = { width: 2, height: 2, bytes: 12 };
  return { kind: 'PICTURE', latentKey: key(digit), pixels, pictureOf: null, source } as const;
};

let kept: KeptLatents;
let store: LatentStore;
beforeEach(async () => {
  asked.length = 0;
  store = new LatentStore(memoryR2().bucket, await memoryD1());
  kept = new KeptLatents({ workbench, store, indexed: store });
});

it('encodes a picture once, and decodes it when that is wanted, once', async () => {
  expect((await kept.ofImage(testCard, picture('1', 7))).latent).toEqual(latentOf(7));
  expect((await kept.ofImage(testCard, picture('1', 7))).state).toMatchObject({ key: key('1'), isDecoded: false });
  for (let i = 0; i < 2; i++) {
    const { state, pixels } = await kept.ofImagePictured(testCard, picture('1', 7));
    expect(state.isDecoded).toBe(true);
    expect(pixels).toEqual(pixelsOf(latentOf(7)));
  }
  expect(asked).toEqual(['encode', 'decode 1']);
  await kept.ofImagePictured(testCard, picture('2', 9));
  expect(asked.at(-1)).toBe('encode and decode');
});

it('takes a latent that was sent as it is', async () => {
  const image = { kind: 'LATENT', latentKey: key('3'), latent: latentOf(4) } as const;
  expect((await kept.ofImage(testCard, image)).state).toMatchObject({ key: key('3'), shape: [8, 1, 1] });
  expect((await kept.ofImagePictured(testCard, image)).pixels).toEqual(pixelsOf(latentOf(4)));
  expect(asked).toEqual(['decode 1']);
});

it('decodes many in portions that a backend takes, and only those that are not here', async () => {
  const many = Array.from({ length: 20 }, (_, i) => ({ key: i.toString(16).padStart(64, '0'), latent: latentOf(i) }));
  await kept.pictured(testCard, many[3]!.key, many[3]!.latent, []);
  await kept.decodeAll(testCard, many, []);
  const pixels = await Promise.all(many.map(({ key }) => store.pixels(key)));
  expect(pixels.map(picture => picture!.data[0])).toEqual(many.map((_, i) => i));
  expect(asked).toEqual(['decode 1', 'decode 4', 'decode 4', 'decode 4', 'decode 4', 'decode 3']);
});

it('says so when a latent is deleted at this moment', async () => {
  const gone = new KeptLatents({ workbench, store, indexed: { save: async () => {} } });
  await expect(gone.ofImage(testCard, picture('5', 1))).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
