import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { checkpointFiles } from '../../gpu-backend/checkpoint-files.ts';
import { openCheckpoint } from '../../models/checkpoint/folder.ts';
import { writeSafetensors } from '../../models/checkpoint/safetensors.ts';
import { heldOutOf } from '../../models/outlier/held-out.ts';
import { outlierVerdict } from '../../models/outlier.ts';
import { measurePictures, readSets } from './measure-pictures.ts';

const shipped = fileURLToPath(new URL('../../models/shipped', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'darkroom-outliers-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('reads sets, and the shipped checkpoint calls noise an outlier', async () => {
  const side = 128;
  const length = 3 * side * side;
  // A linear congruential generator's high bytes: noise enough for an autoencoder.
  let state = 1;
  const noise = Uint8Array.from({ length: 2 * length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  });
  const file = join(folder, 'sets.safetensors');
  writeFileSync(file, writeSafetensors({ noise: { data: noise, dims: [2, side, side, 3] } }));
  const sets = readSets(file);
  expect(sets.get('noise')!.map(({ dims }) => dims)).toEqual([
    [side, side, 3],
    [side, side, 3],
  ]);
  expect(sets.get('noise')![1]!.data).toEqual(noise.subarray(length));

  const heldOut = (await heldOutOf(await openCheckpoint(checkpointFiles(shipped))))!;
  expect(heldOut.measures.length).toBeGreaterThanOrEqual(500);
  const measures = (await measurePictures(shipped, sets)).get('noise')!;
  expect(measures).toHaveLength(2);
  for (const measure of measures) expect(outlierVerdict(measure, heldOut)).toEqual({ score: 1, outlier: true });
});
