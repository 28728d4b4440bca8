import { describe, expect, it } from 'vitest';
import type { GenerationStatus } from '../../schema/context.ts';
import type { SheetEnd } from './contact-sheet-rows.ts';
import { outcomeOf, sheetState, statusOf } from './sheet-state.ts';
import { cell, idOf } from './testing/cells.ts';

const axes = { x: { parameter: 'STEPS', labels: ['1', '2'] }, y: { parameter: 'SEED', labels: ['1', '2'] } } as const;
const row = { id: idOf(99), createdAt: 'then', axes, cells: [1, 2, 3, 4].map(idOf), end: null };

describe('the status of a sheet', () => {
  it.each<[GenerationStatus, ...GenerationStatus[]]>([
    ['QUEUED', 'QUEUED', 'QUEUED'],
    ['ENCODING', 'QUEUED', 'ENCODING'],
    ['DENOISING', 'QUEUED', 'DENOISING'],
    // One has ended and the next has not begun.
    ['DENOISING', 'SUCCEEDED', 'QUEUED'],
    ['DENOISING', 'SCORING', 'ENCODING'],
    ['DENOISING', 'FAILED', 'DENOISING'],
    ['DECODING', 'SUCCEEDED', 'DECODING'],
    ['DECODING', 'SCORING', 'SCORING'],
    // The picture is drawn.
    ['DECODING', 'SUCCEEDED', 'CANCELLED'],
  ])('is %s of cells that are %s and %s', (status, ...cells) => {
    expect(statusOf(cells)).toBe(status);
  });
});

describe('how a sheet ends', () => {
  it('is how all of its generations do', () => {
    expect(outcomeOf([cell(1, 'SUCCEEDED'), cell(2, 'SUCCEEDED')])).toEqual({ status: 'SUCCEEDED', failure: null });
    expect(outcomeOf([cell(1, 'CANCELLED'), cell(2, 'CANCELLED')])).toEqual({ status: 'CANCELLED', failure: null });
    expect(outcomeOf([cell(1, 'SUCCEEDED'), cell(2, 'CANCELLED')])).toEqual({ status: 'CANCELLED', failure: null });
  });

  it('is a failure where any has failed, that of the first', () => {
    const cells = [cell(1, 'CANCELLED'), cell(2, 'FAILED'), cell(3, 'FAILED'), cell(4, 'SUCCEEDED')];
    expect(outcomeOf(cells)).toMatchObject({ status: 'FAILED', failure: { message: 'NaN 2' } });
  });
});

describe('a sheet', () => {
  it('adds up what its generations have done, in rows of its columns', () => {
    const cells = [
      cell(1, 'SUCCEEDED'),
      cell(2, 'DENOISING', { step: 4 }),
      cell(3, 'QUEUED'),
      cell(4, 'QUEUED', { steps: 20 }),
    ];
    expect(sheetState(row, cells)).toMatchObject({
      status: 'DENOISING',
      step: 14,
      steps: 50,
      image: null,
      cells: [
        [{ id: idOf(1) }, { id: idOf(2) }],
        [{ id: idOf(3) }, { id: idOf(4) }],
      ],
      createdAt: 'then',
      finishedAt: null,
    });
  });

  it('waits like the first of its generations and takes as long as the last, where that is known of all', () => {
    const waiting = [3, 1, 2, 4].map((queuePosition, i) =>
      cell(i, 'QUEUED', { queuePosition, etaMs: 100 * queuePosition }),
    );
    expect(sheetState(row, waiting)).toMatchObject({ queuePosition: 1, etaMs: 400 });
    expect(sheetState(row, waiting.with(0, cell(0, 'SUCCEEDED')))).toMatchObject({ queuePosition: null, etaMs: 400 });
    expect(sheetState(row, waiting.with(0, cell(0, 'DENOISING')))).toMatchObject({ queuePosition: null, etaMs: null });
    const ended = waiting.map((_, i) => cell(i, 'SUCCEEDED'));
    expect(sheetState(row, ended)).toMatchObject({ status: 'DECODING', queuePosition: null, etaMs: null });
  });

  it('is as its row says when it has ended', () => {
    const end: SheetEnd = {
      status: 'CANCELLED',
      failure: null,
      finishedAt: 'now',
      picture: { blob: 'sheets/x', width: 300, height: 200 },
    };
    const cells = [1, 2, 3, 4].map(number => cell(number, 'SUCCEEDED'));
    expect(sheetState({ ...row, end }, cells)).toMatchObject({
      status: 'CANCELLED',
      finishedAt: 'now',
      image: { id: `sheet-${idOf(99)}`, width: 300, height: 200, latentKey: null, generationId: null },
    });
    expect(sheetState({ ...row, end: { ...end, picture: null } }, cells).image).toBeNull();
  });
});
