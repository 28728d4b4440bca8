/** What docs/autoencoders.md is made of: every chapter, with a tiny checkpoint. */
import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bottleneck } from '../../scripts/autoencoders/bottleneck.ts';
import type { Chapter, Material } from '../../scripts/autoencoders/chapter.ts';
import { compression } from '../../scripts/autoencoders/compression.ts';
import { encodingMap } from '../../scripts/autoencoders/encoding-map.ts';
import { likeness } from '../../scripts/autoencoders/likeness.ts';
import { gather } from '../../scripts/autoencoders/material.ts';
import { outliers } from '../../scripts/autoencoders/outliers.ts';
import { between, chance } from '../../scripts/autoencoders/synthesis.ts';
import { DarkroomApi } from '../../scripts/darkroom-api.ts';
import { withPart } from '../../scripts/marked-part.ts';
import { tinyFolder } from '../models/tiny-checkpoint.ts';
import { withExtras } from '../models/tiny-extras.ts';
import { House } from './house.ts';

let house: House;
let material: Material;
/** One of each thing, for what takes all there are. */
let fewer: Material;
let document: string;
beforeAll(async () => {
  house = await House.build({}, true, [withExtras(tinyFolder())]);
  material = await gather(new DarkroomApi(house.url));
  fewer = { ...material, scenes: material.scenes.filter((_, i) => i % 5 === 0) };
  document = await readFile('docs/autoencoders.md', 'utf8');
});
afterAll(() => house?.tearDown());

const chapters: Readonly<Record<string, Chapter>> = {
  bottleneck,
  likeness,
  encodingMap,
  outliers,
  between,
  compression,
};

it.each(Object.keys(chapters))('%s makes the pictures that it shows, for places that the document has', async name => {
  const { pictures, parts } = await chapters[name]!(name === 'likeness' || name === 'encodingMap' ? fewer : material);
  const shown = new Set<string>();
  for (const [part, text] of Object.entries(parts)) {
    expect(withPart(document, part, text)).toContain(text);
    for (const [, picture] of text.matchAll(/src="pictures\/([a-z0-9-]+)\.webp"/g)) shown.add(picture!);
    expect(text).not.toMatch(/undefined|NaN|null/);
  }
  expect([...shown].sort()).toEqual([...pictures.keys()].sort());
  for (const bytes of pictures.values()) expect((await sharp(bytes).metadata()).format).toBe('webp');
});

it('by chance there is nothing of the data where a checkpoint does not say what that is', async () => {
  await expect(chance(material)).rejects.toThrow('does not say what it was taught');
});
