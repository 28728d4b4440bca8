import { describe, expect, it } from 'vitest';
import type { CheckpointFiles } from '../checkpoint/files.ts';
import { readTokenizerCard } from './card.ts';

function folder(contents: Record<string, string>): CheckpointFiles {
  const files = new Map(Object.entries(contents).map(([name, text]) => [`tokenizer/${name}`, text]));
  const unused = () => Promise.reject(new Error('not read'));
  return {
    list: async () => [...files.keys()],
    read: async path => new TextEncoder().encode(files.get(path)),
    size: unused,
    readRange: unused,
    sha256: unused,
  };
}

const vocab = '{"!": 0, "a</w>": 1, "<|startoftext|>": 2, "<|endoftext|>": 3}';
const merges = '#version: 0.2\na b\n#version c\n';

describe('readTokenizerCard', () => {
  it('has CLIP’s defaults where only the vocabulary is there', async () => {
    expect(await readTokenizerCard(folder({ 'vocab.json': vocab, 'merges.txt': merges }), 'tokenizer')).toEqual({
      vocab: { '!': 0, 'a</w>': 1, '<|startoftext|>': 2, '<|endoftext|>': 3 },
      merges: ['a b', '#version c'],
      bosToken: '<|startoftext|>',
      eosToken: '<|endoftext|>',
      padToken: '<|endoftext|>',
      maxLength: 77,
    });
  });

  it.each([
    ['texts', ['a b', '#version c']],
    [
      'pairs',
      [
        ['a', 'b'],
        ['#version', 'c'],
      ],
    ],
  ])('reads the one file of transformers 5, with merges as %s', async (_, list) => {
    const { '<|endoftext|>': end, ...rest } = JSON.parse(vocab) as Record<string, number>;
    const one = {
      model: { type: 'BPE', vocab: rest, merges: list },
      added_tokens: [{ id: end, content: '<|endoftext|>', special: true }],
    };
    const read = (contents: Record<string, string>) => readTokenizerCard(folder(contents), 'tokenizer');
    expect(await read({ 'tokenizer.json': JSON.stringify(one) })).toEqual(
      await read({ 'vocab.json': vocab, 'merges.txt': merges }),
    );
  });

  it('takes special tokens as texts or objects, and the map before the config', async () => {
    const card = await readTokenizerCard(
      folder({
        'vocab.json': vocab,
        'merges.txt': merges,
        'tokenizer_config.json': '{"model_max_length": 32, "pad_token": "a</w>", "bos_token": {"content": "!"}}',
        'special_tokens_map.json': '{"pad_token": "!"}',
      }),
      'tokenizer',
    );
    expect(card).toMatchObject({ padToken: '!', bosToken: '!', maxLength: 32 });
  });

  it('reads the tokens that were added, from whichever file lists them', async () => {
    const read = (more: Record<string, string>) =>
      readTokenizerCard(folder({ 'vocab.json': vocab, 'merges.txt': merges, ...more }), 'tokenizer');
    const plain = await read({ 'added_tokens.json': '{"<cat>": 4, "my dog": 5}' });
    expect(plain).toMatchObject({
      vocab: { '!': 0, '<cat>': 4, 'my dog': 5 },
      addedTokens: [{ content: '<cat>' }, { content: 'my dog' }],
    });
    const decoder = {
      2: { content: '<|startoftext|>', special: true, lstrip: false },
      4: { content: '<cat>', lstrip: true, rstrip: true, single_word: true },
    };
    const listed = await read({
      'tokenizer_config.json': JSON.stringify({ added_tokens_decoder: decoder }),
      'added_tokens.json': '{"<dog>": 9}',
    });
    expect(listed.addedTokens).toEqual([{ content: '<cat>', stripsBefore: true, stripsAfter: true, wholeWord: true }]);
    expect(listed.vocab).not.toHaveProperty('<dog>');
    const map = {
      additional_special_tokens: ['!'],
      unk_token: 'a</w>',
      bos_token: { content: '<|startoftext|>', rstrip: true },
    };
    expect(await read({ 'special_tokens_map.json': JSON.stringify(map) })).toMatchObject({
      unknownToken: 'a</w>',
      addedTokens: [{ content: '!' }, { content: '<|startoftext|>', stripsAfter: true }],
    });
  });

  it('reads a length without limit as CLIP’s', async () => {
    const config = '{"model_max_length": 1000000000000000019884624838656}';
    const files = folder({ 'vocab.json': vocab, 'merges.txt': merges, 'tokenizer_config.json': config });
    expect((await readTokenizerCard(files, 'tokenizer')).maxLength).toBe(77);
  });

  it.each([
    [{ 'vocab.json': vocab }, 'tokenizer/merges.txt: expected a file, found none'],
    [{ 'vocab.json': '{"a": "one"}', 'merges.txt': merges }, 'tokenizer/vocab.json: a: expected a whole number'],
    [{ 'vocab.json': '{"a": 0}', 'merges.txt': merges }, '<|startoftext|>: expected an id, as bos_token'],
    [{ 'tokenizer.json': '{"model": {"vocab": {}}}' }, 'tokenizer/tokenizer.json: model.merges: expected a list'],
    [
      { 'vocab.json': vocab, 'merges.txt': merges, 'added_tokens.json': '{"<cat>": "four"}' },
      'tokenizer/added_tokens.json: <cat>: expected a whole number, found "four"',
    ],
    [
      { 'vocab.json': vocab, 'merges.txt': merges, 'tokenizer_config.json': '{"added_tokens_decoder": {"4": {}}}' },
      'tokenizer_config.json: added_tokens_decoder.4: expected a token, found {}',
    ],
    [
      { 'vocab.json': vocab, 'merges.txt': merges, 'special_tokens_map.json': '{"additional_special_tokens": ["x"]}' },
      'tokenizer/vocab.json: x: expected an id, as a token',
    ],
    [
      { 'vocab.json': vocab, 'merges.txt': merges, 'tokenizer_config.json': '{"pad_token": 5}' },
      'tokenizer_config.json: pad_token: expected a token',
    ],
  ])('says what is wrong: %#', async (contents, message) => {
    await expect(readTokenizerCard(folder(contents as Record<string, string>), 'tokenizer')).rejects.toThrow(message);
  });
});
