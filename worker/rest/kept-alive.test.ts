import { describe, expect, it, vi } from 'vitest';
import { keptAlive } from './kept-alive.ts';

const pause = (milliseconds: number) => new Promise(resolve => setTimeout(resolve, milliseconds));

async function* late(): AsyncGenerator<string, undefined> {
  await pause(60);
  yield 'one';
  yield 'two';
}

const body = (pieces: AsyncIterator<string>, left = () => {}) => keptAlive(pieces, { filler: '.', everyMs: 10, left });

describe('keptAlive', () => {
  it('sends what means nothing until there is something, and loses nothing', async () => {
    const text = await new Response(body(late())).text();
    expect(text).toMatch(/^\.{2,6}onetwo$/);
  });

  it('breaks off where a piece throws', async () => {
    const failing = async function* (): AsyncGenerator<string, undefined> {
      yield 'one';
      throw new Error('broken');
    };
    const reader = body(failing()).getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toBe('one');
    await expect(reader.read()).rejects.toThrow('broken');
  });

  it('tells once that the reader has left', async () => {
    const left = vi.fn();
    const reader = body(late(), left).getReader();
    await reader.read();
    await reader.cancel();
    expect(left).toHaveBeenCalledTimes(1);
  });

  it('does not tell it of one that has read to the end', async () => {
    const left = vi.fn();
    await new Response(body(late(), left)).text();
    expect(left).not.toHaveBeenCalled();
  });
});
