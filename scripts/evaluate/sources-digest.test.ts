import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { sourcesDigest } from './sources-digest.ts';

const folder = mkdtempSync(join(tmpdir(), 'darkroom-sources-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('is another when the code is, and only then', () => {
  const write = (path: string, text: string) => writeFileSync(join(folder, path), text);
  mkdirSync(join(folder, 'deep'));
  write('a.ts', 'one');
  write('deep/b.ts', 'two');
  const first = sourcesDigest(folder);
  write('a.test.ts', 'a test');
  write('notes.md', 'notes');
  expect(sourcesDigest(folder)).toBe(first);
  write('deep/b.ts', 'three');
  expect(sourcesDigest(folder)).not.toBe(first);
});
