import { describe, expect, it } from 'vitest';
import type { SheetAxis } from '../../schema/contact-sheet-service.ts';
import { inter } from '../lettering/inter.ts';
import { layOut, mostPixels, mostSide, type SheetContent, type SheetLayout } from './layout.ts';

const settings = ['tiny', 'DDIM', '128 × 128'];
const x: SheetAxis = { parameter: 'STEPS', labels: ['10', '15', '20', '30', '40'] };
const y: SheetAxis = { parameter: 'SEED', labels: ['1', '2', '3'] };
const castle: SheetContent = {
  axes: { x, y },
  cell: { width: 128, height: 128 },
  prompt: 'a Japanese castle on a blue background',
  settings,
};
const many = (length: number, parameter: SheetAxis['parameter'] = 'SEED'): SheetAxis => ({
  parameter,
  labels: Array.from({ length }, (_, i) => String(i)),
});
const written = ({ texts }: SheetLayout) => texts.map(({ text }) => text);

/** Everything lies within the sheet, and no two images or texts on each other. */
function expectTidy(layout: SheetLayout): void {
  const boxes = [
    ...layout.cells.map(({ x, y }) => ({
      left: x,
      top: y,
      right: x + layout.cell.width,
      bottom: y + layout.cell.height,
    })),
    ...layout.texts.map(({ text, x, baseline, size, weight }) => ({
      left: x,
      top: baseline - 0.75 * size,
      right: x + inter(weight).width(text, size),
      bottom: baseline + 0.25 * size,
    })),
  ];
  for (const [i, a] of boxes.entries()) {
    expect(a.left).toBeGreaterThanOrEqual(0);
    expect(a.top).toBeGreaterThanOrEqual(0);
    expect(a.right).toBeLessThanOrEqual(layout.width);
    expect(a.bottom).toBeLessThanOrEqual(layout.height);
    const on = boxes
      .slice(i + 1)
      .filter(b => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom);
    expect(on).toEqual([]);
  }
}

describe('a sheet', () => {
  it('has a heading, the axes with their values, and an image for each pair', () => {
    const layout = layOut(castle);
    expectTidy(layout);
    expect(layout.cell).toEqual(castle.cell);
    expect(layout.cells).toHaveLength(15);
    expect(written(layout)).toEqual([
      castle.prompt,
      'tiny\u00a0\u00a0·  DDIM\u00a0\u00a0·  128\u00a0×\u00a0128',
      'steps',
      ...x.labels,
      'seed',
      ...y.labels,
    ]);
  });

  it('has a value above the middle of each column and beside the middle of each row', () => {
    const { cells, cell, texts } = layOut(castle);
    for (const [i, label] of x.labels.entries()) {
      const { x: left, size, baseline } = texts.find(({ text }) => text === label)!;
      expect(left + inter('REGULAR').width(label, size) / 2).toBeCloseTo(cells[i]!.x + cell.width / 2, 0);
      expect(baseline).toBeLessThan(cells[i]!.y);
    }
    for (const [i, label] of y.labels.entries()) {
      const { x: left, baseline } = texts.find(({ text }) => text === label)!;
      expect(left).toBeLessThan(cells[0]!.x);
      expect(Math.abs(baseline - (cells[5 * i]!.y + cell.height / 2))).toBeLessThan(8);
    }
  });

  it('has one row and nothing at its side without y', () => {
    const layout = layOut({ ...castle, axes: { x, y: null } });
    expectTidy(layout);
    expect(layout.cells).toHaveLength(5);
    expect(written(layout)).not.toContain('seed');
  });

  it('breaks prompts into lines, as many as there is room for', () => {
    const long = 'a castle on a hill, with a river, many trees and a bridge, in the evening light of a day in autumn';
    const prompts: SheetAxis = { parameter: 'PROMPT', labels: ['a cat', long] };
    for (const axes of [
      { x: prompts, y },
      { x, y: prompts },
    ]) {
      const layout = layOut({ ...castle, axes, prompt: null });
      expectTidy(layout);
      expect(written(layout)[0]).toMatch(/^tiny/);
      expect(written(layout)).not.toContain(long);
      expect(written(layout).some(line => line.startsWith('a castle on a'))).toBe(true);
    }
    const columns = layOut({ ...castle, axes: { x: { ...prompts, labels: [long.repeat(3)] }, y: null }, prompt: null });
    expect(written(columns).at(-1)).toMatch(/…$/);
  });

  it.each([
    [{ width: 16, height: 16 }, x, y],
    [{ width: 64, height: 256 }, many(16), many(6, 'GUIDANCE_SCALE')],
    [
      { width: 512, height: 512 },
      x,
      { parameter: 'SCHEDULER', labels: ['EULER_ANCESTRAL', 'DPMPP_2M_KARRAS'] } as const,
    ],
  ])('is tidy with images of %j', (cell, x, y) => {
    expectTidy(layOut({ ...castle, cell, axes: { x, y } }));
  });

  it.each([
    [{ width: 1_024, height: 1_024 }, 10, 10],
    [{ width: 2_048, height: 64 }, 16, 1],
    [{ width: 64, height: 2_048 }, 16, 6],
    [{ width: 4_096, height: 4_096 }, 1, 1],
  ])('of images of %j, %i by %i, shows them smaller, in about their shape', (cell, columns, rows) => {
    const layout = layOut({ ...castle, cell, axes: { x: many(columns), y: many(rows, 'STEPS') } });
    expectTidy(layout);
    const { width, height } = layout;
    expect(width * height).toBeLessThanOrEqual(mostPixels);
    expect(Math.max(width, height)).toBeLessThanOrEqual(mostSide);
    // No smaller than it must be.
    expect(Math.max((width * height) / mostPixels, Math.max(width, height) / mostSide)).toBeGreaterThan(0.85);
    expect(layout.cell.width / layout.cell.height / (cell.width / cell.height)).toBeCloseTo(1, 0);
  });
});
