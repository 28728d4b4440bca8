import { beforeEach, describe, expect, it } from 'vitest';
import { plainCard, testCard } from '../../schema/testing/services.ts';
import { TextEmbeddings } from './text-embeddings.ts';

const asked: number[] = [];
const maker = {
  async embeddingsOfTexts({ digest }: { digest: string }, texts: readonly (readonly (readonly number[])[])[]) {
    asked.push(texts.length);
    return texts.map(([ids]) => Float32Array.of(ids![0]!, digest.charCodeAt(0)));
  },
};
const text = (id: number) => [[id, 7]];
let texts: TextEmbeddings;
beforeEach(() => {
  asked.length = 0;
  texts = new TextEmbeddings(maker, new Map());
});

describe('embeddings of texts', () => {
  it('are made together, and once', async () => {
    const first = await texts.of(testCard, [text(1), text(2), text(1)]);
    expect(first.map(vector => vector[0])).toEqual([1, 2, 1]);
    expect((await texts.of(testCard, [text(3), text(2)])).map(vector => vector[0])).toEqual([3, 2]);
    expect(asked).toEqual([2, 1]);
  });

  it('are those of the checkpoint that is asked', async () => {
    await texts.of(testCard, [text(1)]);
    const [other] = await texts.of(plainCard, [text(1)]);
    expect([...other!]).toEqual([1, plainCard.digest.charCodeAt(0)]);
    expect(asked).toEqual([1, 1]);
  });

  it('are asked for in portions that a backend takes, and the oldest forgotten', async () => {
    const many = Array.from({ length: 2_100 }, (_, id) => text(id));
    expect((await texts.of(testCard, many)).map(vector => vector[0])).toEqual(many.map((_, id) => id));
    expect(asked).toEqual([256, 256, 256, 256, 256, 256, 256, 256, 52]);
    await texts.of(testCard, [text(2_099), text(0)]);
    expect(asked.at(-1)).toBe(1);
  });

  it('are nothing for nothing', async () => {
    expect(await texts.of(testCard, [])).toEqual([]);
    expect(asked).toEqual([]);
  });
});
