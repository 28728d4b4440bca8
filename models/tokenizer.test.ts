import { describe, expect, it } from 'vitest';
import type { AddedToken } from '../wire/card.ts';
import { byteCharacters } from './tokenizer/byte-characters.ts';
import { TokenSplitter } from './tokenizer/split-at-tokens.ts';
import { ClipTokenizer } from './tokenizer.ts';

const merges = ['r e', 're d</w>', 'c a', 'ca t</w>', 'f o', "' s</w>", 'a b', 'ab c', 'fo x</w>'];
const symbols = [
  ...byteCharacters,
  ...byteCharacters.map(c => `${c}</w>`),
  ...merges.map(pair => pair.replace(' ', '')),
];
const words = [...symbols, '<|startoftext|>', '<|endoftext|>'];
const card = {
  vocab: Object.fromEntries(words.map((word, id) => [word, id])),
  merges,
  bosToken: '<|startoftext|>',
  eosToken: '<|endoftext|>',
  padToken: '<|endoftext|>',
  maxLength: 8,
};
const tokenizer = new ClipTokenizer(card);
const inner = (text: string, by = tokenizer) => by.encode(text).tokens.slice(1, -1);

describe('ClipTokenizer', () => {
  it('puts the text between begin and end token, the two highest ids here', () => {
    const { tokens, ids } = tokenizer.encode('A  Red\tfox');
    expect(tokens).toEqual(['<|startoftext|>', 'a</w>', 'red</w>', 'fox</w>', '<|endoftext|>']);
    expect(ids).toEqual(tokens.map(token => words.indexOf(token)));
    expect(ids[0]).toBe(words.length - 2);
    expect(ids.at(-1)).toBe(words.length - 1);
  });

  it('joins the most urgent pair first', () => {
    expect(inner('cat cabc')).toEqual(['cat</w>', 'ca', 'b', 'c</w>']);
  });

  it('splits contractions, digits, punctuation and ideographs', () => {
    expect(inner("cat's")).toEqual(['cat</w>', "'s</w>"]);
    expect(inner('12,cat')).toEqual(['1</w>', '2</w>', ',</w>', 'cat</w>']);
    expect(inner('cat漢cat')).toEqual(['cat</w>', 'æ', '¼', '¢</w>', 'cat</w>']);
  });

  it('drops control characters and composes accents', () => {
    expect(inner('c\u0000a\u200bt')).toEqual(['cat</w>']);
    expect(inner('e\u0301')).toEqual(inner('é'));
  });

  it('reads special tokens in the text, as they are written or in capitals', () => {
    expect(inner('cat<|endoftext|>cat <|ENDOFTEXT|>')).toEqual([
      'cat</w>',
      '<|endoftext|>',
      'cat</w>',
      '<|endoftext|>',
    ]);
    const bang = new ClipTokenizer({ ...card, padToken: '!' });
    expect(inner('cat!!', bang)).toEqual(['cat</w>', '!', '!']);
    expect(inner('cat!!')).toEqual(['cat</w>', '!', '!</w>']);
  });

  it('reads added tokens as they are written, with what belongs to them', () => {
    const vocab = { ...card.vocab, '<toy>': 900, My: 901, cat: 902 };
    const added = (...addedTokens: readonly AddedToken[]) => new ClipTokenizer({ ...card, vocab, addedTokens });
    const toy = added({ content: '<toy>' }, { content: 'My' });
    expect(inner('cat <toy><toy>My my', toy)).toEqual(['cat</w>', '<toy>', '<toy>', 'My', ...inner('my')]);
    expect(inner('<TOY>', toy)).toEqual(inner('<TOY>'));
    expect(inner('! <toy> !', added({ content: '<toy>' }))).toEqual(['!</w>', '<toy>', '!</w>']);
    const word = added({ content: 'cat', wholeWord: true });
    expect(inner('cat cats xcat cat', word)).toEqual(['cat', ...inner('cats xcat'), 'cat']);
  });

  it('leaves no spaces around a token that has them', () => {
    const addedTokens = [{ content: '<toy>', stripsBefore: true, stripsAfter: true }];
    const splitter = new TokenSplitter(new Map(addedTokens.map(token => [token.content, token])));
    expect(splitter.split('a  <toy>  b')).toEqual([
      { part: 'a', token: false },
      { part: '<toy>', token: true },
      { part: 'b', token: false },
    ]);
    expect(splitter.split(' <toy> ')).toEqual([{ part: '<toy>', token: true }]);
  });

  it('reads what the vocabulary lacks as the unknown token', () => {
    const { 'a</w>': _, ...vocab } = card.vocab;
    expect(new ClipTokenizer({ ...card, vocab, unknownToken: '!' }).encode('a').ids).toEqual([521, vocab['!'], 522]);
  });

  it('reads what the vocabulary lacks as the end token where that is CLIP’s', () => {
    const { 'a</w>': _, ...vocab } = card.vocab;
    expect(new ClipTokenizer({ ...card, vocab }).encode('a').ids).toEqual([521, 522, 522]);
  });

  it('pads to the length of the text encoder, or cuts before the end token and says so', () => {
    const end = words.length - 1;
    const short = tokenizer.encode('cat').ids;
    expect(tokenizer.pad(short)).toEqual({ ids: [...short, end, end, end, end, end], truncated: false });
    const long = tokenizer.encode('cat cat cat cat cat cat cat').ids;
    expect(tokenizer.pad(long)).toEqual({ ids: [...long.slice(0, 7), end], truncated: true });
    expect(tokenizer.pad(long.slice(0, 8)).truncated).toBe(false);
  });

  it('says which special token is missing', () => {
    expect(() => new ClipTokenizer({ ...card, padToken: '<pad>' })).toThrow(
      'special token <pad> is not in the vocabulary',
    );
    expect(() => new ClipTokenizer({ ...card, bosToken: 'constructor' })).toThrow('special token constructor');
    expect(() => new ClipTokenizer({ ...card, maxLength: 1 })).toThrow('maxLength is 1');
  });

  it.each([
    ['one letter', 'a'],
    ['a merged pair', 'abc'],
    ['emoji', '🙂'],
    ['half a special token', '<|'],
    ['combining marks', '\u0316\u0301'],
    ['spaces', ' '],
    ['half a surrogate pair', '\ud83d'],
  ])('takes no longer than it should for a very long text of %s', (_, part) => {
    const text = part.repeat(20_000 / part.length);
    tokenizer.encode(text);
    // 20 times the longest prompt; quadratic time would be seconds.
  });
});
