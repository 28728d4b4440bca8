import { expect, it } from 'vitest';
import { testCard } from './testing/services.ts';
import { thingsIn } from './things.ts';

it('things are what is no colour, size, relation or filler', () => {
  const others = ['size', 'relation', 'filler'].map(kind => ({ phrase: `a ${kind}`, kind, also: [] }));
  const things = thingsIn([...testCard.vocabulary!, ...others, { phrase: 'x', kind: 'a kind of its own', also: [] }]);
  expect(things.map(({ phrase }) => phrase)).toEqual(['dog', 'cat', 'pizza', 'x']);
});
