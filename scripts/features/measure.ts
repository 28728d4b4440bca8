import { type Labelled, LinearClassifier } from './linear-classifier.ts';
import { Span } from './span.ts';

const STRENGTHS = [0.1, 0.01, 0.001, 0.0001, 0.00001];
const FOLDS = 5;

/** Features of pictures, class by class. */
export interface Features {
  /** The same number of each class. */
  readonly examples: readonly (readonly Float32Array[])[];
  readonly tests: readonly (readonly Float32Array[])[];
}

export interface Accuracy {
  readonly right: number;
  readonly total: number;
}

/** Trains a linear classifier with the examples, and counts how many of the tests it names rightly. */
export function measure({ examples, tests }: Features): Accuracy & { readonly strength: number } {
  const span = new Span(examples.flat());
  const labelled = (rows: readonly (readonly Float32Array[])[]): Labelled => ({
    rows: rows.flat().map(row => span.coordinates(row)),
    classes: rows.flatMap((row, k) => row.map(() => k)),
  });
  const known = labelled(examples);
  const strength = bestStrength(known, examples.length);
  const asked = labelled(tests);
  const right = LinearClassifier.train(known, examples.length, strength).countRight(asked);
  return { right, total: asked.rows.length, strength };
}

/**
 * The strength with which classifiers that were trained without a fifth of the examples name most of that fifth rightly; of
 * equals the one that is least surprised by it (cross-entropy). Only examples are looked at, never tests.
 */
function bestStrength({ rows, classes }: Labelled, classCount: number): number {
  // Every fold has as many of each class.
  const folds = classes.map((k, i) => (i - classes.indexOf(k)) % FOLDS);
  const part = (isWanted: (fold: number) => boolean): Labelled => {
    const chosen = rows.map((_, i) => i).filter(i => isWanted(folds[i]!));
    return { rows: chosen.map(i => rows[i]!), classes: chosen.map(i => classes[i]!) };
  };
  const tried = STRENGTHS.map(strength => {
    let [right, surprise] = [0, 0];
    for (let fold = 0; fold < FOLDS; fold++) {
      const known = part(other => other !== fold);
      const asked = part(other => other === fold);
      const classifier = LinearClassifier.train(known, classCount, strength);
      right += classifier.countRight(asked);
      surprise += classifier.crossEntropy(asked);
    }
    return { strength, right, surprise };
  });
  return tried.reduce((best, one) =>
    one.right > best.right || (one.right === best.right && one.surprise < best.surprise) ? one : best,
  ).strength;
}
