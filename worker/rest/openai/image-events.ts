/** `stream: true`: the events of a generation, as text of the event stream. */
import type { GenerationState, Services } from '../../../schema/context.ts';
import { EndedWithout, faultOf } from '../fault.ts';
import { openaiError } from './error.ts';
import { fieldNames, type ImageRequest } from './fields.ts';
import { PartialImages, partialImage } from './partial-images.ts';
import { aboutPictures, base64Of, unixSeconds, usageOf } from './pictures.ts';

/**
 * Partial images while a picture is made and each picture when it is there, in the order of their seeds; what goes wrong is
 * the last event.
 * @param states of the generation, up to its end
 */
export async function* imageEvents(
  states: AsyncIterable<GenerationState | null>,
  request: ImageRequest,
  images: Services['images'],
): AsyncGenerator<string, undefined> {
  const partials = new PartialImages(request.partialImages);
  let completed = 0;
  try {
    let last: GenerationState | null = null;
    for await (const state of states) {
      last = state;
      if (state === null) break;
      for (const image of state.images.slice(completed)) {
        completed++;
        const picture = { b64_json: await base64Of(image, request, images), seed: image.seed };
        yield event('image_generation.completed', { ...picture, ...about(state, request), usage: usageOf(state) });
      }
      const partial = partials.next(state);
      if (partial === null) continue;
      const picture = await partialImage(partial.preview, state.parameters, request.format);
      const which = { partial_image_index: partial.index, b64_json: picture };
      yield event('image_generation.partial_image', { ...which, ...about(state, request) });
    }
    if (last?.status !== 'SUCCEEDED') throw new EndedWithout(last);
  } catch (error) {
    const fault = faultOf(error, fieldNames, '/v1/images/generations');
    yield event('error', { error: openaiError(fault) });
  }
}

function about(state: GenerationState, request: ImageRequest) {
  return { created_at: unixSeconds(state.createdAt), quality: 'auto', ...aboutPictures(state, request) };
}

function event(type: string, data: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
}
