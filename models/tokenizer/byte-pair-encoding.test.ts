import { describe, expect, it } from 'vitest';
import { BytePairEncoding } from './byte-pair-encoding.ts';

/** The textbook's way: look for the most urgent pair, join it everywhere from left to right, again. */
function slowly(merges: readonly string[], symbols: readonly string[]): string[] {
  let word = [...symbols];
  for (;;) {
    const ranks = word.slice(1).map((right, i) => merges.indexOf(`${word[i]} ${right}`));
    const best = Math.min(...ranks.filter(rank => rank >= 0));
    if (best === Number.POSITIVE_INFINITY) return word;
    const joined: string[] = [];
    for (let i = 0; i < word.length; i++) {
      const pair = i + 1 < word.length ? `${word[i]} ${word[i + 1]}` : '';
      joined.push(pair === merges[best] ? `${word[i]}${word[++i]}` : word[i]!);
    }
    word = joined;
  }
}

describe('BytePairEncoding', () => {
  it('does what the textbook does, on random lists and words', () => {
    let seed = 1;
    const random = (below: number) => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      return (seed >>> 8) % below;
    };
    for (let round = 0; round < 300; round++) {
      const known = ['a', 'b', 'c'];
      const merges = new Set<string>();
      for (let i = 0; i < 12; i++) {
        const [left, right] = [known[random(known.length)]!, known[random(known.length)]!];
        merges.add(`${left} ${right}`);
        known.push(left + right);
      }
      const list = [...merges].sort(() => random(3) - 1);
      const word = Array.from({ length: random(20) }, () => known[random(3)]!);
      expect(new BytePairEncoding(list).encode(word)).toEqual(slowly(list, word));
    }
  });

  it('joins overlapping pairs from the left', () => {
    expect(new BytePairEncoding(['a a']).encode(['a', 'a', 'a'])).toEqual(['aa', 'a']);
  });
});
