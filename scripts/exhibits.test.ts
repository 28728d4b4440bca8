import sharp from 'sharp';
import { expect, it } from 'vitest';
import { digitsAndGarments, heldOutScenes } from './exhibits.ts';

it('holds ten examples and twenty tests of twenty things', async () => {
  const classes = await digitsAndGarments();
  expect(classes).toHaveLength(20);
  expect(new Set(classes.map(({ name }) => name)).size).toBe(20);
  for (const { examples, tests } of classes) expect([examples.length, tests.length]).toEqual([10, 20]);
});

it('holds scenes, each on the background that it says', async () => {
  const colours = { red: [214, 40, 40], black: [0, 0, 0], pink: [250, 160, 195] };
  const scenes = await heldOutScenes();
  for (const [background, colour] of Object.entries(colours)) {
    const { file } = scenes.find(scene => scene.background === background)!;
    const { data, info } = await sharp(file).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([128, 128]);
    expect([...data.subarray(0, 3)]).toEqual(colour);
  }
});
