import { describe, expect, test } from 'vitest';
import { BlockList } from './block-list.ts';

const list = new BlockList(['Gore', 'blood bath', 'zoë', 'война', ' ', '4chan', "it's bad"]);

describe('a block list', () => {
  test.each([
    'gore',
    'some GORE, please',
    'ｇｏｒｅ',
    '𝐠𝐨𝐫𝐞',
    'gôre',
    'g\u200bore',
    'gore\u200bdog',
    'g\u00ado\u00adr\u00ade',
    'gоrе',
    'g0re',
    'gor3!',
    'g o r e',
    'a g.o.r.e dog',
    'g-o-r-e',
  ])('finds a word written %j', text => {
    expect(list.find(text)).toEqual(['Gore']);
  });

  test('finds phrases over any white space and punctuation', () => {
    expect(list.find('a blood\n  bath')).toEqual(['blood bath']);
    expect(list.find('a blood-bath')).toEqual(['blood bath']);
  });

  test('finds terms with accents, of other scripts, with digits and apostrophes', () => {
    expect(list.find('zoe')).toEqual(['zoë']);
    expect(list.find('ВОЙНА')).toEqual(['война']);
    expect(list.find('4chan')).toEqual(['4chan']);
    expect(list.find('It’s bad')).toEqual(["it's bad"]);
  });

  test.each(['gored', 'category', 'bath of blood', 'a good dog', '', '0 1 2 3', 'allegoree'])(
    'finds nothing in %j',
    text => {
      expect(list.find(text)).toEqual([]);
    },
  );

  test('is empty where there are no terms', () => {
    expect(new BlockList([]).find('gore')).toEqual([]);
    expect(new BlockList(['', '--']).find('-- gore')).toEqual([]);
  });
});
