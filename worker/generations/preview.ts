import type { GenerationParameters, PreviewState } from '../../schema/context.ts';
import type { Report } from '../developments/report.ts';
import { toBase64 } from '../images/image-service.ts';
import { encodePng } from '../images/png.ts';
import { type LatentSourceType, sourceTypeOf } from '../provenance/source-type.ts';
import { withSourceType } from '../provenance/with-source-type.ts';

/**
 * A backend's small picture as a caller is shown it; null where it is none.
 * @param step of the generation, when it came
 */
export async function previewOf(
  { pixels }: NonNullable<Report['preview']>,
  step: number,
  parameters: Pick<GenerationParameters, 'start'>,
): Promise<PreviewState | null> {
  const [, height = 0, width = 0] = pixels.dims;
  if (!(pixels.data instanceof Uint8Array) || pixels.data.length !== 3 * width * height || width === 0) return null;
  const png = withSourceType(await encodePng(pixels.data, width, height), 'PNG', previewSourceType(parameters));
  return { step, dataUri: `data:image/png;base64,${toBase64(png)}` };
}

/** What a generation starts from is not looked up for a preview: it is taken for something that was sent. */
export function previewSourceType({ start }: Pick<GenerationParameters, 'start'>): LatentSourceType {
  return sourceTypeOf(start ? [null] : []);
}
