/** Whether what was made under blows is what is made in peace. */

import sharp from 'sharp';
import { readSafetensors } from '../../models/checkpoint/safetensors.ts';
import type { FloatTensor } from '../../models/runtime.ts';
import { compareBytes, isSamePicture } from '../../scripts/parity/compare-bytes.ts';
import { relativeError } from '../goldens/difference.ts';
import type { End, Picture } from './course.ts';

/** As the latents of `goldens/` may differ. */
const latentTolerance = 1e-4;

export interface Likeness {
  readonly images: number;
  /** Those that are not the same to the byte, picture and latent. */
  readonly different: number;
  /** Of the latents, relative to the largest number or 1. */
  readonly worstLatent: number;
  /** Of the pictures' bytes. */
  readonly worstByte: number;
  readonly findings: readonly string[];
}

/** @param exact false: they may differ as much as the goldens allow */
export async function compareTwins(
  ends: ReadonlyMap<string, End>,
  twins: ReadonlyMap<string, End>,
  exact: boolean,
): Promise<Likeness> {
  const findings: string[] = [];
  let [images, different, worstLatent, worstByte] = [0, 0, 0, 0];
  for (const [key, { status, failure, pictures }] of ends) {
    const twin = twins.get(key);
    if (status !== 'SUCCEEDED') findings.push(`${key} is ${status}: ${failure}`);
    if (twin?.status !== 'SUCCEEDED') findings.push(`the twin of ${key} is ${twin?.status}: ${twin?.failure}`);
    if (pictures.length !== twin?.pictures.length) {
      findings.push(`${key} has ${pictures.length} images, and its twin ${twin?.pictures.length}`);
      continue;
    }
    for (const [i, picture] of pictures.entries()) {
      images++;
      const other = twin.pictures[i]!;
      if (picture.sha256 === other.sha256 && picture.digest === other.digest) continue;
      different++;
      const { latent, byte, isSame } = await difference(picture, other);
      worstLatent = Math.max(worstLatent, latent);
      worstByte = Math.max(worstByte, byte);
      if (exact || !isSame) {
        findings.push(`image ${i} of ${key} is another one than its twin: latents ${latent}, bytes ${byte} apart`);
      }
    }
  }
  return { images, different, worstLatent, worstByte, findings };
}

async function difference(a: Picture, b: Picture) {
  const tensor = ({ latent }: Picture) => readSafetensors(latent).get('latent') as FloatTensor;
  const latent = relativeError(tensor(a), tensor(b));
  const pixels = ({ png }: Picture) => sharp(png).raw().toBuffer();
  const bytes = compareBytes(await pixels(a), await pixels(b));
  return { latent, byte: bytes.largest, isSame: latent <= latentTolerance && isSamePicture(bytes) };
}
