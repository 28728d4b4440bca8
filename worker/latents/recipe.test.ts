import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../schema/canonical-json.ts';
import { type GeneratedRecipe, latentKey } from './recipe.ts';

const recipe: GeneratedRecipe = {
  kind: 'generated',
  version: 1,
  checkpoint: 'a'.repeat(64),
  tokenIds: [[1, 2, 3]],
  negativeTokenIds: [[1, 3, 3]],
  seed: 7,
  steps: 20,
  guidanceScale: 7.5,
  guidanceRescale: 0,
  clipSkip: null,
  eta: 0,
  scheduler: { _class_name: 'DDIMScheduler', steps_offset: 1 },
  width: 128,
  height: 128,
  sdxl: null,
  start: null,
  precision: 'float32',
  approximate: null,
};

describe('latentKey', () => {
  it('is the SHA-256 of the canonical JSON', async () => {
    const text = canonicalJson(recipe);
    expect(text).toMatch(/^\{"approximate":null,"checkpoint":"a+","clipSkip":null,/);
    expect(await latentKey(recipe)).toBe(createHash('sha256').update(text).digest('hex'));
  });

  it('does not depend on the order in which things were written down', async () => {
    const scheduler = { steps_offset: 1, _class_name: 'DDIMScheduler' };
    const reordered = Object.fromEntries(
      Object.entries({ ...recipe, scheduler }).reverse(),
    ) as unknown as GeneratedRecipe;
    expect(await latentKey(reordered)).toBe(await latentKey(recipe));
  });

  it.each([
    ['seed', 8],
    ['steps', 21],
    ['eta', 0.1],
    ['guidanceScale', 7.25],
    ['tokenIds', [[1, 2, 4]]],
    ['negativeTokenIds', null],
    ['scheduler', { _class_name: 'DDIMScheduler', steps_offset: 0 }],
    ['clipSkip', 1],
    ['checkpoint', 'b'.repeat(64)],
  ])('depends on %s', async (name, value) => {
    expect(await latentKey({ ...recipe, [name]: value })).not.toBe(await latentKey(recipe));
  });
});
