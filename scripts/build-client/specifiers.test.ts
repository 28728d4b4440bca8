import { expect, it } from 'vitest';
import { packagesOf, withJsEndings } from './specifiers.ts';

it('gives relative imports the endings of what was compiled, and leaves everything else', () => {
  const before = `export type { A } from './a.ts';
import type * as b from "../b.ts";
declare const c: import('./c.ts').C;
import { d } from 'd.ts';
// './e.ts'`;
  expect(withJsEndings(before)).toBe(`export type { A } from './a.js';
import type * as b from "../b.js";
declare const c: import('./c.js').C;
import { d } from 'd.ts';
// './e.ts'`);
});

it('names the packages that are imported', () => {
  const texts = [
    `import{a}from'@scope/a/deep';await import("b/wasm");`,
    `/**\n * import { d } from 'd';\n */\nexport * from './c.js'; import 'b';`,
  ];
  expect(packagesOf(texts)).toEqual(['@scope/a', 'b']);
});
