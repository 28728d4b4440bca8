/**
 * Decoding in the browser: the same model code as the server's, on onnxruntime-web, which must be installed beside the SDK.
 * Computing blocks the thread that it is called on: call it in a Web Worker.
 *
 * @example
 * import { Darkroom } from 'darkroom-client';
 * import { openDecoder, slerp } from 'darkroom-client/decode';
 *
 * const decoder = await openDecoder(new Darkroom(), { onProgress: ({ fetched, total }) => show(fetched / total) });
 * const [a, b] = [await decoder.read({ latentKey: from }), await decoder.read({ latentKey: to })];
 * const { data, width, height } = await decoder.decode(slerp(a, b, 0.5));
 * context.putImageData(new ImageData(data, width, height), 0, 0);
 */
import { LatentDecoder } from '../../../models/latent-decoder.ts';
import { decoderFolder } from '../in-browser/folders.ts';
import { WebRuntime } from '../in-browser/onnxruntime-web.ts';
import { filesOf, type OpenOptions, type Place } from '../in-browser/place.ts';
import { Decoder } from './decoder.ts';

export type { CheckpointFiles } from '../../../models/checkpoint/files.ts';
export { slerp } from '../../../models/interpolate.ts';
export type { FloatTensor } from '../../../models/runtime.ts';
export type { Provider } from '../in-browser/onnxruntime-web.ts';
export type { Pixels } from '../in-browser/pixels.ts';
export type { OpenOptions, Place } from '../in-browser/place.ts';
export type { FetchProgress } from '../in-browser/progress.ts';
export { staticFiles } from '../in-browser/static-files.ts';
export type { Decoder, LatentSource } from './decoder.ts';

/**
 * Fetches a checkpoint's decoder, once in a lifetime where the browser keeps files, and makes it ready.
 * @param place a `Darkroom`, or `{ files }` of a page's own copy of a checkpoint's folder
 * @throws DarkroomError; CheckpointError for a folder that is no checkpoint; the signal's reason
 */
export async function openDecoder(place: Place, options: OpenOptions = {}): Promise<Decoder> {
  const { files, digest } = await filesOf(place, decoderFolder, options);
  const runtime = await WebRuntime.open(files, options);
  const models = await LatentDecoder.open(files, runtime);
  await models.load();
  return new Decoder({ server: 'files' in place ? null : place, digest, models, runtime, fetch: options.fetch });
}
