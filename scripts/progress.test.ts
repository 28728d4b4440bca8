import { expect, it } from 'vitest';
import { progressLine } from './progress.ts';

it('says how far the work is and how long it will take', () => {
  expect(progressLine('pictures', 150, 300, 1.2)).toBe(
    'pictures ██████████░░░░░░░░░░ 150/300, 1.2 s each, 3.0 min left',
  );
  expect(progressLine('pictures', 299, 300, 60)).toBe(
    'pictures ███████████████████░ 299/300, 60.0 s each, 1.0 min left',
  );
});
