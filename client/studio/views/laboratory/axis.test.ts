import { expect, it } from 'vitest';
import { axisOf } from './axis.ts';

it('takes what is between commas, and prompts between semicolons', () => {
  expect(axisOf({ parameter: 'STEPS', values: ' 5,10 , ,20,' })).toEqual({
    parameter: 'STEPS',
    values: ['5', '10', '20'],
  });
  expect(axisOf({ parameter: 'PROMPT', values: 'a cat, red; a dog' }).values).toEqual(['a cat, red', 'a dog']);
});
