import { expect, it } from 'vitest';
import { formatOf, namesOf, numbered, slug } from './files.ts';

it.each([
  ['A cat, on a RED background! 7', 'a-cat-on-a-red-background-7'],
  ['Übergröße / ../etc', 'ubergroße-etc'],
  ['日本の城', '日本の城'],
  ['…', 'picture'],
  ['a'.repeat(200), 'a'.repeat(48)],
  [`${'a'.repeat(47)} b`, 'a'.repeat(47)],
])('makes a file name of %j', (words, name) => {
  expect(slug(words)).toBe(name);
});

it.each([false, true])(
  'names pictures of one prompt by their seeds, however long it is, and none twice (force: %s)',
  async force => {
    const stem = 'a-cat-on-a-red-background-and-then-'.padEnd(48, 'x');
    expect(await namesOf(`${stem}${'x'.repeat(60)}`, ['7', '8', '7'], '.png', force)).toEqual([
      `${stem}-7.png`,
      `${stem}-8.png`,
      `${stem}-7-2.png`,
    ]);
  },
);

it('numbers several files of one name before its ending', () => {
  expect(numbered('a/cat.png', 1)).toEqual(['a/cat.png']);
  expect(numbered('a.b/cat.png', 2)).toEqual(['a.b/cat-1.png', 'a.b/cat-2.png']);
  expect(() => numbered('-', 2)).toThrow('Standard output takes one picture');
});

it('knows a format by its ending', () => {
  expect(['a.PNG', 'a.webp', 'a.jpg', 'a.jpeg', '-'].map(formatOf)).toEqual(['png', 'webp', 'jpeg', 'jpeg', 'png']);
  expect(() => formatOf('a')).toThrow('should end in .png, .webp or .jpg');
});
