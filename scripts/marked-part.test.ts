import { expect, it } from 'vitest';
import { withPart } from './marked-part.ts';

const document = 'Before\n<!-- a -->\nold\n<!-- /a -->\nbetween\n<!-- b --><!-- /b -->';

it('writes one part anew, and can do so again', () => {
  const once = withPart(document, 'a', 'new');
  expect(once).toBe('Before\n<!-- a -->\n\nnew\n\n<!-- /a -->\nbetween\n<!-- b --><!-- /b -->');
  expect(withPart(once, 'a', 'new')).toBe(once);
});

it('refuses a part that is not there', () => {
  expect(() => withPart(document, 'c', 'new')).toThrow('<!-- c -->');
});
