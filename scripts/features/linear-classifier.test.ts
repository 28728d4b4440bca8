import { expect, it } from 'vitest';
import { LinearClassifier } from './linear-classifier.ts';

const rowsOf = (...rows: number[][]) => rows.map(row => Float64Array.from(row));

it('ends where theory says', () => {
  // Two rows, +1 and −1, of two classes: the weights are ±w with λw = 1 / (1 + e^2w), and the row +1 is of its class with
  // probability 1 / (1 + e^−2w). So λ = 2 / (1 + e) leads to w = ½ and a probability of 1 / (1 + 1/e).
  const labelled = { rows: rowsOf([1], [-1]), classes: [0, 1] };
  const classifier = LinearClassifier.train(labelled, 2, 2 / (1 + Math.E));
  const likely = 1 / (1 + 1 / Math.E);
  expect(classifier.probabilities(Float64Array.of(1))[0]).toBeCloseTo(likely, 4);
  expect(classifier.crossEntropy(labelled)).toBeCloseTo(-Math.log(likely), 4);
  expect(classifier.countRight(labelled)).toBe(2);
});

it('knows how often each class comes, where features say nothing', () => {
  const rows = rowsOf([5], [5], [5], [5]);
  const classifier = LinearClassifier.train({ rows, classes: [0, 1, 1, 2] }, 3, 0.1);
  const [a, b, c] = classifier.probabilities(Float64Array.of(5));
  expect(a).toBeCloseTo(0.25, 3);
  expect(b).toBeCloseTo(0.5, 3);
  expect(c).toBeCloseTo(0.25, 3);
});

it('does not care in which unit or from which zero features are measured', () => {
  const rows = rowsOf([0, 1], [2, 1], [1, 3], [4, 0]);
  const classes = [0, 1, 0, 1];
  const moved = rows.map(row => row.map(x => 1_000 * x - 77));
  const one = LinearClassifier.train({ rows, classes }, 2, 0.01).probabilities(rows[0]!);
  const other = LinearClassifier.train({ rows: moved, classes }, 2, 0.01).probabilities(moved[0]!);
  for (const [k, probability] of one.entries()) expect(other[k]).toBeCloseTo(probability, 6);
});
