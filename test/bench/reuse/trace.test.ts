import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { SceneWriter } from './scenes.ts';
import { difference, tally } from './tally.ts';
import { lengthened, mostSaidOtherwise, type Request, readTrace, TraceError } from './trace.ts';

const folder = mkdtempSync(join(tmpdir(), 'darkroom-trace-'));
afterAll(() => rmSync(folder, { recursive: true }));

const owl: Request = { kind: 'new', prompt: 'an owl', seed: 3, things: ['owl'], relation: null, background: 'red' };
const pair: Request = { ...owl, prompt: 'an owl and a cat', seed: null, things: ['owl', 'cat'], relation: 'left' };
const bird: Request = { ...owl, kind: 'paraphrase', prompt: 'red background, an owl', seed: null };

function written(content: unknown): string {
  const file = join(folder, 'trace.json');
  writeFileSync(file, JSON.stringify(content));
  return file;
}

describe('readTrace', () => {
  it('reads what was written', () => {
    expect(readTrace(written([owl, pair, { ...bird, seed: undefined }]))).toEqual([owl, pair, bird]);
  });

  it.each<[string, unknown, string]>([
    ['no list', {}, 'is not a list of requests'],
    ['nothing', [], 'is not a list of requests'],
    ['another kind', [{ ...owl, kind: 'old' }], 'request 0: kind is "old", expected new, repeat, paraphrase or edit'],
    ['a prompt of nothing', [owl, { ...owl, prompt: '' }], 'request 1: prompt'],
    ['half a seed', [{ ...owl, seed: 0.5 }], 'seed is 0.5'],
    ['three things', [{ ...owl, things: ['a', 'b', 'c'] }], 'things'],
    ['two things nowhere', [{ ...pair, relation: null }], 'relation is null'],
  ])('refuses %s', (_, content, message) => {
    expect(() => readTrace(written(content))).toThrow(TraceError);
    expect(() => readTrace(written(content))).toThrow(message);
  });
});

it('a longer trace is of the same make', () => {
  const words = ['owl', 'cat', 'dog', 'bee'].map(phrase => ({ phrase, kind: 'animal', also: [] }));
  const colours = ['red', 'blue'].map(phrase => ({ phrase, kind: 'colour', also: [] }));
  const trace = [owl, { ...owl, kind: 'repeat' } as const, pair, bird];
  const longer = lengthened(trace, 400, new SceneWriter([...words, ...colours], 1));
  expect(longer).toHaveLength(404);
  expect(longer.slice(0, 4)).toEqual(trace);
  const added = longer.slice(4);
  const share = (kind: string) => added.filter(each => each.kind === kind).length / 400;
  expect(share('new')).toBeCloseTo(0.5, 1);
  expect(share('edit')).toBe(0);
  const fresh = added.filter(({ kind }) => kind === 'new');
  expect(fresh.filter(({ seed }) => seed !== null).length / fresh.length).toBeCloseTo(0.5, 1);
  for (const each of added.filter(({ kind }) => kind === 'repeat')) {
    expect(longer.filter(({ prompt, seed }) => prompt === each.prompt && seed === each.seed).length).toBeGreaterThan(1);
  }
});

it('finds the prompts that others say otherwise', () => {
  expect(mostSaidOtherwise([owl, pair, bird, bird], 1)).toEqual([owl]);
});

describe('what is counted', () => {
  it('is compared over the same pictures, where the question arises', () => {
    const of = tally([
      [true, true],
      [false, true],
      [null, true],
      [true, false],
      [false, true],
    ]);
    expect(of).toEqual({ count: 4, reused: 2, whole: 3 });
    expect(difference(of)).toBe(-25);
    expect(difference(tally([]))).toBe(0);
  });
});
