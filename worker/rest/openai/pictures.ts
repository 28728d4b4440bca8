/** Pictures as the clients take them, and what is said of all of them. */
import type { GenerationState, ImageState, Services } from '../../../schema/context.ts';
import type { ImageRequest } from './fields.ts';

/** What a generation has used, in tokens: a prompt has them, a picture here is not made of any. */
export interface Usage {
  readonly input_tokens: number;
  readonly input_tokens_details: { readonly image_tokens: 0; readonly text_tokens: number };
  readonly output_tokens: 0;
  readonly total_tokens: number;
}

export function usageOf({ report }: GenerationState): Usage {
  const tokens = report.tokenIds.length;
  const details = { image_tokens: 0, text_tokens: tokens } as const;
  return { input_tokens: tokens, input_tokens_details: details, output_tokens: 0, total_tokens: tokens };
}

/** What answers and events say alike. */
export function aboutPictures({ parameters }: GenerationState, { format, safetyIdentifier }: ImageRequest) {
  return {
    background: 'opaque',
    output_format: format.toLowerCase(),
    size: `${parameters.width}x${parameters.height}`,
    ...(safetyIdentifier !== null && { safety_identifier: safetyIdentifier }),
  };
}

export async function imagesResponse(
  state: GenerationState,
  request: ImageRequest,
  images: Services['images'],
): Promise<object> {
  const { format, responseFormat } = request;
  const data = await Promise.all(
    state.images.map(async image => ({
      ...(responseFormat !== 'url' && { b64_json: await base64Of(image, request, images) }),
      ...(responseFormat !== 'b64_json' && { url: await images.url(image, format) }),
      seed: image.seed,
    })),
  );
  return { created: unixSeconds(state.createdAt), data, ...aboutPictures(state, request), usage: usageOf(state) };
}

export async function base64Of(
  image: ImageState,
  { format }: Pick<ImageRequest, 'format'>,
  images: Pick<Services['images'], 'dataUri'>,
): Promise<string> {
  const uri = await images.dataUri(image, format);
  return uri.slice(uri.indexOf(',') + 1);
}

/** @param moment RFC 3339 */
export function unixSeconds(moment: string): number {
  return Math.floor(Date.parse(moment) / 1000);
}
