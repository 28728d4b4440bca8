import { describe, expect, it } from 'vitest';
import { Chunk } from './chunk.ts';
import { CodeMemory } from './code-memory.ts';

const chunk = () => Chunk.empty(4, 92);
const size = chunk().bytes.byteLength;

describe('CodeMemory', () => {
  it('keeps within its bytes: what comes too late finds no room while the rest is in use', () => {
    const memory = new CodeMemory(2 * size, () => 0);
    for (const name of ['a', 'b', 'c']) memory.keep(name, 1, chunk());
    expect([...'abc'].map(name => memory.get(name, 1) !== null)).toEqual([true, true, false]);
    expect(memory.bytes).toBe(2 * size);
  });

  it('gives the room of what has been idle for a minute to what is asked for', () => {
    let now = 0;
    const memory = new CodeMemory(2 * size, () => now);
    memory.keep('a', 1, chunk());
    memory.keep('b', 1, chunk());
    now = 50_000;
    memory.get('a', 1);
    now = 61_000;
    for (const name of ['c', 'd']) memory.keep(name, 1, chunk());
    expect([...'abcd'].map(name => memory.get(name, 1) !== null)).toEqual([true, false, true, false]);
  });

  it('does not hand out what has changed since', () => {
    const memory = new CodeMemory(10 * size);
    memory.keep('a', 1, chunk());
    expect(memory.get('a', 2)).toBeNull();
    expect(memory.bytes).toBe(0);
    memory.keep('a', 2, chunk());
    memory.keep('a', 3, chunk());
    expect(memory.bytes).toBe(size);
  });
});
