import { describe, expect, test } from 'vitest';
import { testCard } from '../../schema/testing/services.ts';
import type { CheckpointCard, TokenizerCard } from '../../wire/card.ts';
import { BlockList } from './block-list.ts';
import { PromptChecker } from './prompt-checker.ts';

const tokenizer: TokenizerCard = {
  vocab: {
    '!': 0,
    a: 1,
    'a</w>': 2,
    d: 3,
    o: 4,
    'g</w>': 5,
    do: 6,
    'dog</w>': 7,
    '<|startoftext|>': 8,
    '<|endoftext|>': 9,
  },
  merges: ['#version: 0.2', 'd o', 'do g</w>'],
  bosToken: '<|startoftext|>',
  eosToken: '<|endoftext|>',
  padToken: '<|endoftext|>',
  maxLength: 6,
};
const card: CheckpointCard = {
  ...testCard,
  tokenizers: [tokenizer],
  vocabulary: [
    { phrase: 'dog', kind: 'animal', also: [] },
    { phrase: 'a', kind: 'filler', also: [] },
  ],
};
const checker = new PromptChecker({ blockList: new BlockList(['forbidden']) });

describe('a prompt', () => {
  test('that is good is allowed, and told as the model reads it', () => {
    expect(checker.check(card, 'a dog', '')).toEqual({
      allowed: true,
      code: null,
      tokens: ['<|startoftext|>', 'a</w>', 'dog</w>', '<|endoftext|>'],
      tokenIds: [8, 2, 7, 9],
      modelTokenIds: [[8, 2, 7, 9, 9, 9]],
      modelNegativeTokenIds: [[8, 9, 9, 9, 9, 9]],
      truncated: false,
      unknownWords: [],
      errors: [],
    });
  });

  test('that is longer than the model reads is cut as diffusers cuts it, and that is said', () => {
    const report = checker.check(card, 'a dog a dog a dog', '');
    expect(report).toMatchObject({
      allowed: true,
      truncated: true,
      tokens: ['<|startoftext|>', 'a</w>', 'dog</w>', 'a</w>', 'dog</w>', '<|endoftext|>'],
      tokenIds: [8, 2, 7, 2, 7, 9],
      modelTokenIds: [[8, 2, 7, 2, 7, 9]],
    });
    expect(checker.check(card, 'a dog a dog', '').truncated).toBe(false);
    expect(checker.check(card, 'a dog', 'a a a a a')).toMatchObject({
      allowed: true,
      truncated: true,
      tokenIds: [8, 2, 7, 9],
    });
  });

  test('is read by every text encoder', () => {
    const two = {
      ...card,
      digest: 'e'.repeat(64),
      tokenizers: [tokenizer, { ...tokenizer, padToken: '!', maxLength: 5 }],
    };
    const { modelTokenIds, modelNegativeTokenIds } = checker.check(two, 'a dog', 'a');
    expect(modelTokenIds).toEqual([
      [8, 2, 7, 9, 9, 9],
      [8, 2, 7, 9, 0],
    ]);
    expect(modelNegativeTokenIds).toEqual([
      [8, 2, 9, 9, 9, 9],
      [8, 2, 9, 0, 0],
    ]);
  });

  test('with words that were never taught is allowed, with advice', () => {
    const report = checker.check(card, 'a dg', 'blurry');
    expect(report.allowed).toBe(true);
    expect(report.unknownWords).toEqual([{ word: 'dg', start: 2, end: 4, suggestions: ['dog'] }]);
    expect(checker.check({ ...card, digest: 'f'.repeat(64), vocabulary: null }, 'a dg', '').unknownWords).toEqual([]);
  });

  test.each([
    ['', 'prompt is empty'],
    [' \n\u200b', 'prompt is empty'],
    ['x'.repeat(1_001), 'prompt has 1001 characters: at most 1000'],
    ['x'.repeat(1_000_000), 'prompt has 1000000 characters: at most 1000'],
    ['a\u0000dog', 'prompt has the control character U+0000 at 1'],
    ['a \ud800dog', 'prompt has half a surrogate pair, U+D800, at 2'],
  ])('that cannot be used is refused (%#)', (prompt, message) => {
    expect(checker.check(card, prompt, '')).toMatchObject({
      allowed: false,
      code: 'PROMPT_INVALID',
      tokens: [],
      errors: [{ path: ['prompt'], message }],
    });
  });

  test('is refused with its negative prompt, whatever is wrong with both', () => {
    expect(checker.check(card, '', 'x'.repeat(1_001)).errors.map(({ path }) => path)).toEqual([
      ['prompt'],
      ['negativePrompt'],
    ]);
    expect(checker.check(card, 'a dog', '').allowed).toBe(true);
  });

  test('with a blocked word is refused, in the negative prompt too', () => {
    expect(checker.check(card, 'a Forbidden dog', '')).toMatchObject({
      allowed: false,
      code: 'PROMPT_REFUSED',
      errors: [{ path: ['prompt'], message: 'prompt has what this server does not accept: forbidden' }],
    });
    expect(checker.check(card, 'a dog', 'fоrbidden')).toMatchObject({
      allowed: false,
      code: 'PROMPT_REFUSED',
      errors: [{ path: ['negativePrompt'] }],
    });
  });

  test('may be as long as the server’s operator says', () => {
    const strict = new PromptChecker({ blockList: new BlockList([]), maxCharacters: 5 });
    expect(strict.maxCharacters).toBe(5);
    expect(strict.check(card, 'a dog', '').allowed).toBe(true);
    expect(strict.check(card, 'a dogs', '').errors[0]?.message).toBe('prompt has 6 characters: at most 5');
  });

  test('is read with the tokenizer of its own checkpoint, however many there are', () => {
    const own = Array.from({ length: 7 }, (_, i) => ({
      ...card,
      digest: String(i).repeat(64),
      tokenizers: [{ ...tokenizer, maxLength: 6 + i }],
    }));
    for (const each of [...own, ...own]) {
      expect(checker.check(each, 'a', '').modelTokenIds[0]).toHaveLength(each.tokenizers[0]!.maxLength);
    }
  });
});
