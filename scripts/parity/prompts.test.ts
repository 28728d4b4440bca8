import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { VocabularyEntry } from '../../wire/card.ts';
import { parityPrompts } from './prompts.ts';

const file = new URL('../../models/shipped/vocabulary.json', import.meta.url);
const { entries } = JSON.parse(readFileSync(file, 'utf8')) as { entries: VocabularyEntry[] };

test('prompts are the same ones every time, no two alike, and half of them say things of the vocabulary', () => {
  const prompts = parityPrompts(entries, 40);
  expect(prompts).toEqual(parityPrompts(entries, 40));
  expect(new Set(prompts.map(({ prompt }) => prompt)).size).toBe(40);
  expect(parityPrompts(entries, 4)).toEqual(prompts.slice(0, 4));
  const made = prompts.filter((_, i) => i % 2 === 1).map(({ prompt }) => prompt);
  const things = entries.filter(({ kind }) => !['colour', 'size', 'relation', 'filler'].includes(kind));
  const named = made.map(prompt => things.filter(({ phrase }) => prompt.includes(phrase)).length);
  expect(Math.min(...named)).toBeGreaterThan(0);
  expect(named.filter(count => count > 1).length).toBeGreaterThan(8);
});

test('without a vocabulary they are the written ones, over and over', () => {
  const prompts = parityPrompts(null, 25);
  expect(prompts).toHaveLength(25);
  expect(prompts[20]).toEqual(prompts[0]);
});
