/** Pictures to learn from and to test with. */
import sharp from 'sharp';
import { digitsAndGarments } from '../exhibits.ts';
import { type Arrangement, arranged, type Digit } from './handwriting.ts';

export interface Picture {
  /** What the server is sent: PNG. */
  readonly file: Uint8Array;
  /** Its own numbers, by the size that it has them in. */
  readonly pixels: Readonly<Record<string, Float32Array>>;
}

/** Class by class, the same number of each. */
export type ByClass<T> = readonly (readonly T[])[];

export interface DataSet {
  /** As the checkpoint's vocabulary names them. */
  readonly classes: readonly string[];
  /** One after the other to learn from; the first ones are what the others are only compared with. */
  readonly draws: readonly ByClass<Picture>[];
  readonly tests: ByClass<Picture>;
}

/** Pictures are also averaged to so many pixels a side, so that raw pixels are learnt from as well as they can be. */
const SIDES = [8, 16, 32];

/** Digits and garments, which the shipped checkpoint knows, in looks that it never saw. */
export async function knownThings(): Promise<DataSet> {
  const classes = await digitsAndGarments();
  return {
    classes: classes.map(({ name }) => name),
    draws: [
      await mapByClass(
        classes.map(({ examples }) => examples),
        drawn,
      ),
    ],
    tests: await mapByClass(
      classes.map(({ tests }) => tests),
      drawn,
    ),
  };
}

async function drawn(file: Uint8Array): Promise<Picture> {
  const averages = SIDES.map(async side => {
    const small = sharp(file).removeAlpha().resize(side, side, { kernel: 'linear' });
    return [`${side} × ${side}`, Float32Array.from(await small.raw().toBuffer())] as const;
  });
  return { file, pixels: Object.fromEntries(await Promise.all(averages)) };
}

/** Handwriting, which it never saw. */
export async function handwriting(
  draws: readonly ByClass<Digit>[],
  tests: ByClass<Digit>,
  arrangement: Arrangement,
): Promise<DataSet> {
  const written = async (digit: Digit): Promise<Picture> => {
    return { file: await arranged(digit, arrangement), pixels: { '28 × 28': digit } };
  };
  return {
    classes: tests.map((_, digit) => `number ${digit}`),
    draws: await Promise.all(draws.map(draw => mapByClass(draw, written))),
    tests: await mapByClass(tests, written),
  };
}

function mapByClass<From, To>(all: ByClass<From>, to: (one: From) => Promise<To>): Promise<To[][]> {
  return Promise.all(all.map(same => Promise.all(same.map(to))));
}
