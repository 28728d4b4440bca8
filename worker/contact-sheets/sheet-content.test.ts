import { expect, it } from 'vitest';
import type { SheetAxes } from './contact-sheet-rows.ts';
import { cellOf, contentOf, sheetText } from './sheet-content.ts';
import { cell } from './testing/cells.ts';

const stepsAndSeeds: SheetAxes = {
  x: { parameter: 'STEPS', labels: ['1', '2'] },
  y: { parameter: 'SEED', labels: ['1', '2'] },
};
const start = { from: 'IMAGE', latentKey: 'k', strength: 0.5 } as const;

it('says what all have in common, and nothing that an axis says', () => {
  expect(contentOf(stepsAndSeeds, [cell(1, 'SUCCEEDED')])).toEqual({
    axes: stepsAndSeeds,
    cell: { width: 8, height: 8 },
    prompt: 'a dog',
    settings: ['tiny', 'DDIM', 'guidance scale 3', '8 × 8'],
  });
  const first = cell(1, 'SUCCEEDED', { parameters: { ...cell(1, 'SUCCEEDED').parameters, start } });
  const others: SheetAxes = {
    x: { parameter: 'PROMPT', labels: ['a'] },
    y: { parameter: 'SCHEDULER', labels: ['DDIM'] },
  };
  expect(contentOf(others, [first])).toMatchObject({
    prompt: null,
    settings: ['tiny', '10 steps', 'guidance scale 3', 'seed 7', 'strength 0.5', '8 × 8'],
  });
  expect(contentOf({ x: { parameter: 'STRENGTH', labels: ['1'] }, y: null }, [first]).settings).not.toContain(
    'strength 0.5',
  );
});

it('shows the image that there is, else how the generation ended', async () => {
  const pixels = { data: new Uint8Array(0), width: 0, height: 0 };
  const asked: string[] = [];
  const read = async (key: string) => {
    asked.push(key);
    return pixels;
  };
  expect(await cellOf(cell(1, 'SUCCEEDED'), read).pixels!()).toBe(pixels);
  expect(asked).toEqual([cell(1, 'SUCCEEDED').images[0]!.latentKey]);
  expect(cellOf(cell(2, 'FAILED'), read)).toEqual({ pixels: null, absence: 'failed' });
  expect(cellOf(cell(2, 'CANCELLED'), read)).toEqual({ pixels: null, absence: 'cancelled' });
});

it('writes down what it takes to ask for it again, in ASCII', () => {
  const text = sheetText(stepsAndSeeds, [cell(1, 'SUCCEEDED', { prompt: 'ein Löwe 🦁' })]);
  expect(text).toMatch(/^[\x20-\x7e]+$/);
  expect(JSON.parse(text)).toMatchObject({
    version: 1,
    contactSheet: stepsAndSeeds,
    base: { prompt: 'ein Löwe 🦁', guidanceScale: 3, scheduler: 'DDIM', width: 8 },
  });
});
