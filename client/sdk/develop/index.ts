/**
 * The whole way in the browser, from the prompt to the picture: the same model code as the server's, on onnxruntime-web,
 * which must be installed beside the SDK. Computing blocks the thread that it is called on: call it in a Web Worker.
 *
 * @example
 * import { Darkroom } from 'darkroom-client';
 * import { openDeveloper } from 'darkroom-client/develop';
 *
 * const developer = await openDeveloper(new Darkroom());
 * const development = developer.develop('a cat on a red background', { seed: 7 });
 * for await (const { step, steps } of development) console.log(`${step} of ${steps}`);
 * const { data, width, height } = await development;
 */
import { StableDiffusionPipeline } from '../../../models/pipeline.ts';
import { Decoder } from '../decode/decoder.ts';
import { wholeFolder } from '../in-browser/folders.ts';
import { WebRuntime } from '../in-browser/onnxruntime-web.ts';
import { filesOf, type OpenOptions, type Place } from '../in-browser/place.ts';
import { Developer } from './developer.ts';

export type { OpenOptions, Pixels, Place, Provider } from '../decode/index.ts';
export { staticFiles } from '../in-browser/static-files.ts';
export type { Developed, Developer, Developing } from './developer.ts';
export type { Development } from './development.ts';
export type { DevelopOptions, Settings } from './request.ts';

/**
 * Fetches a checkpoint, once in a lifetime where the browser keeps files, and makes it ready.
 * @param place a `Darkroom`, or `{ files }` of a page's own copy of a checkpoint's folder
 * @throws DarkroomError; CheckpointError for a folder that is no checkpoint; the signal's reason
 */
export async function openDeveloper(place: Place, options: OpenOptions = {}): Promise<Developer> {
  const { files, digest } = await filesOf(place, wholeFolder, options);
  const runtime = await WebRuntime.open(files, options);
  const pipeline = await StableDiffusionPipeline.load(files, runtime, { encoder: false });
  await pipeline.warm();
  const server = 'files' in place ? null : place;
  const decoder = new Decoder({ server, digest, models: pipeline.decoder, runtime, fetch: options.fetch });
  return Developer.of(pipeline, decoder);
}
