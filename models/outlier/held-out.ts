import { Config } from '../checkpoint/config.ts';
import type { Checkpoint } from '../checkpoint/folder.ts';
import { outlierMeasureName } from './measure.ts';

/** Where a checkpoint says how far off its own held-out scenes are; `npm run outliers` writes it. */
export const outliersFile = 'outliers.json';

/** The measures of scenes that no part of a checkpoint was trained on: what a picture's own is placed among. */
export interface HeldOut {
  /** The quantile above which a picture is an outlier, 0..1. */
  readonly threshold: number;
  /** Ascending, at least one. */
  readonly measures: readonly number[];
}

/**
 * Reads `outliers.json`: `{"version": 1, "measure", "autoencoder", "threshold", "measures"}`. The numbers mean nothing with
 * another measure or another autoencoder, so the file names both: `autoencoder` is the SHA-256 of the autoencoder's weights.
 *
 * @returns null where a checkpoint has no such file
 * @throws CheckpointError when it is malformed, or was made for another measure or autoencoder
 */
export async function heldOutOf({ files, paths, vae }: Checkpoint): Promise<HeldOut | null> {
  if (!paths.has(outliersFile)) return null;
  const config = await Config.read(files, outliersFile);
  config.only('version', 1);
  const measure = config.value('measure');
  if (measure !== outlierMeasureName) throw config.error('measure', JSON.stringify(outlierMeasureName), measure);
  const own = await files.sha256(vae.weights.file);
  if (config.value('autoencoder') !== own) {
    const expected = `"${own}", the digest of ${vae.weights.file} (npm run outliers measures anew)`;
    throw config.error('autoencoder', expected, config.value('autoencoder'));
  }
  const threshold = config.value('threshold');
  if (typeof threshold !== 'number' || !(threshold >= 0 && threshold <= 1)) {
    throw config.error('threshold', 'a number from 0 to 1', threshold);
  }
  const measures = config.value('measures');
  if (!isAscending(measures)) throw config.error('measures', 'ascending numbers, at least one', measures);
  return { threshold, measures };
}

function isAscending(value: unknown): value is number[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((item, i) => Number.isFinite(item) && (i === 0 || item >= value[i - 1]))
  );
}
