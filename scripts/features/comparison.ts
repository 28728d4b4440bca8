/** One classifier on several kinds of features of the same pictures. */
import type { DarkroomApi } from '../darkroom-api.ts';
import type { ByClass, DataSet, Picture } from './data-set.ts';
import { embedPictures, embedTexts, type Space } from './embeddings.ts';
import { type Accuracy, measure } from './measure.ts';

export interface Result extends Accuracy {
  readonly features: string;
  /** How many numbers a picture is. */
  readonly numbers: number;
  /** Least and most that other examples gave, as shares; null where there are none. */
  readonly others: readonly [number, number] | null;
}

/** What `compare` embeds. */
export function picturesToEmbed({ draws, tests }: DataSet): number {
  const [first, ...others] = draws.map(draw => draw.flat().length);
  return 2 * (first! + tests.flat().length) + others.reduce((sum, count) => sum + count, 0);
}

/**
 * @param onDone told how many more pictures are embedded
 * @throws ApiError
 */
export async function compare(
  api: DarkroomApi,
  { classes, draws, tests }: DataSet,
  onDone: (count: number) => void,
): Promise<Result[]> {
  const embed = (pictures: ByClass<Picture>, space: Space) => embedByClass(api, pictures, space, onDone);
  const encodedDraws: Float32Array[][][] = [];
  for (const draw of draws) encodedDraws.push(await embed(draw, 'EMBEDDING'));
  const encodedTests = await embed(tests, 'EMBEDDING');
  const codes = { draws: [await embed(draws[0]!, 'LATENT')], tests: await embed(tests, 'LATENT') };
  const names = await embedTexts(api, classes);

  // In favour of what they are compared with: the size that does best in the tests.
  const ofPixels = Object.keys(tests[0]![0]!.pixels).map(size => {
    const pixels = (pictures: ByClass<Picture>) => pictures.map(same => same.map(one => one.pixels[size]!));
    return result(`raw pixels, ${size}`, draws.map(pixels), pixels(tests));
  });
  return [
    ofPixels.reduce((best, one) => (one.right > best.right ? one : best)),
    result('codes (`LATENT`)', codes.draws, codes.tests),
    result('encodings (`EMBEDDING`)', encodedDraws, encodedTests),
    nearestNames(names, encodedTests),
  ];
}

/** @throws ApiError */
export async function embedByClass(
  api: DarkroomApi,
  pictures: ByClass<Picture>,
  space: Space,
  onDone: (count: number) => void,
): Promise<Float32Array[][]> {
  const rows = await embedPictures(
    api,
    pictures.flat().map(({ file }) => file),
    space,
    onDone,
  );
  return pictures.map(same => rows.splice(0, same.length));
}

function result(features: string, draws: readonly ByClass<Float32Array>[], tests: ByClass<Float32Array>): Result {
  const [first, ...others] = draws.map(examples => measure({ examples, tests }));
  const shares = others.map(({ right, total }) => right / total);
  return {
    features,
    numbers: tests[0]![0]!.length,
    right: first!.right,
    total: first!.total,
    others: shares.length > 0 ? [Math.min(...shares), Math.max(...shares)] : null,
  };
}

/** Without any example: the class whose name's encoding is nearest. */
function nearestNames(names: readonly Float32Array[], tests: ByClass<Float32Array>): Result {
  const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
  const right = tests.flatMap((same, k) =>
    same.filter(row => {
      // Encodings have the length 1: the product is the cosine.
      const cosines = names.map(name => dot(name, row));
      return cosines.indexOf(Math.max(...cosines)) === k;
    }),
  ).length;
  const features = 'no examples: encodings, and those of the names';
  return { features, numbers: names[0]!.length, right, total: tests.flat().length, others: null };
}
