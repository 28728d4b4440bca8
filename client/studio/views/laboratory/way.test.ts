import { expect, it } from 'vitest';
import type { FloatTensor } from '../../../../models/runtime.ts';
import { Way } from './way.ts';

const latent = (...data: number[]): FloatTensor => ({ data: Float32Array.from(data), dims: [1, data.length, 1, 1] });
const [from, to] = [latent(1, 0), latent(0, 1)];

/** A decoder that decodes when it is told to. */
function slow() {
  const asked: { latent: FloatTensor; answer: PromiseWithResolvers<ImageData> }[] = [];
  return {
    asked,
    decode: (latent: FloatTensor) => {
      const answer = Promise.withResolvers<ImageData>();
      asked.push({ latent, answer });
      return answer.promise;
    },
  };
}
const image = {} as ImageData;
const unexpected = () => expect.unreachable();

it('decodes one place at a time, and of those that were passed meanwhile only the last', async () => {
  const { asked, decode } = slow();
  const shown: number[] = [];
  const way = new Way(from, to, decode, ({ at }) => shown.push(at), unexpected);
  for (const at of [0, 0.2, 0.4, 1]) way.go(at);
  expect(asked).toHaveLength(1);
  asked[0]!.answer.resolve(image);
  await expect.poll(() => asked.length).toBe(2);
  asked[1]!.answer.resolve(image);
  await expect.poll(() => shown).toEqual([0, 1]);
  expect([...asked[0]!.latent.data]).toEqual([1, 0]);
  expect([...asked[1]!.latent.data].map(x => Math.round(x * 1e6) / 1e6)).toEqual([0, 1]);
});

it('goes on after a place that could not be decoded', async () => {
  const errors: unknown[] = [];
  const shown: number[] = [];
  const decode = async (given: FloatTensor) => {
    if (given.data[0] === 1) throw new Error('no');
    return image;
  };
  const way = new Way(
    from,
    to,
    decode,
    ({ at }) => shown.push(at),
    error => errors.push(error),
  );
  way.go(0);
  await expect.poll(() => errors).toHaveLength(1);
  way.go(0.5);
  await expect.poll(() => shown).toEqual([0.5]);
});

it('shows nothing after its end', async () => {
  const { asked, decode } = slow();
  const way = new Way(from, to, decode, unexpected, unexpected);
  way.go(0.5);
  way.go(0.6);
  way.end();
  asked[0]!.answer.resolve(image);
  await new Promise(resolve => setTimeout(resolve, 20));
  expect(asked).toHaveLength(1);
});
