import { describe, expect, it } from 'vitest';
import type { GenerationState } from '../../../schema/context.ts';
import { toBase64 } from '../../images/image-service.ts';
import { encodePng } from '../../images/png.ts';
import { readPicture } from '../../images/read-picture.ts';
import { PartialImages, partialImage } from './partial-images.ts';

const at = (step: number | null, steps = 20) =>
  ({
    preview: step === null ? null : { step, dataUri: `data:image/png;base64,${step}` },
    parameters: { steps, start: null },
  }) as unknown as GenerationState;

/** The steps that are sent, with their indices. */
function sent(most: number, steps: readonly (number | null)[]): [step: number, index: number][] {
  const partials = new PartialImages(most);
  return steps.flatMap(step => {
    const next = partials.next(at(step));
    return next ? [[next.preview.step, next.index] as [number, number]] : [];
  });
}

const all = Array.from({ length: 40 }, (_, step) => step);

describe('PartialImages', () => {
  it('spreads them over the steps of each picture, and counts anew with each', () => {
    expect(sent(3, all)).toEqual([
      [5, 0],
      [10, 1],
      [15, 2],
      [25, 0],
      [30, 1],
      [35, 2],
    ]);
  });

  it('sends fewer where there are fewer to see', () => {
    expect(sent(3, [null, 1, 12, null, 19])).toEqual([
      [12, 0],
      [19, 1],
    ]);
    expect(sent(0, all)).toEqual([]);
  });
});

describe('partialImage', () => {
  it('has the size of the picture', async () => {
    const png = await encodePng(new Uint8Array(8 * 8 * 3).fill(200), 8, 8);
    const preview = { step: 1, dataUri: `data:image/png;base64,${toBase64(png)}` };
    const base64 = await partialImage(preview, { width: 64, height: 32, start: null }, 'PNG');
    const { width, height, data } = await readPicture(Buffer.from(base64, 'base64'));
    expect([width, height, data[0]]).toEqual([64, 32, 200]);
  });
});
