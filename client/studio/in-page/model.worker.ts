/** Decodes and develops beside the page, which goes on answering meanwhile. */
import { type Decoder, openDecoder, type Pixels } from '../../sdk/decode/index.ts';
import { type Developer, openDeveloper } from '../../sdk/develop/index.ts';
import { Darkroom } from '../../sdk/index.ts';
import { adviceOn } from '../errors.ts';
import type { Answer, Message } from './messages.ts';

const darkroom = new Darkroom({ url: location.origin });
const stops = new Map<number, AbortController>();
/** By the checkpoint's name; the server's default under ''. */
const decoders = new Map<string, Promise<Decoder>>();
const developers = new Map<string, Promise<Developer>>();

addEventListener('message', ({ data }: MessageEvent<Message>) => {
  if (data.kind === 'stop') stops.get(data.id)?.abort();
  else void answer(data);
});

async function answer(message: Exclude<Message, { readonly kind: 'stop' }>): Promise<void> {
  const { id } = message;
  const stop = new AbortController();
  stops.set(id, stop);
  try {
    say(message.kind === 'decode' ? await decode(message) : await develop(message, stop.signal));
  } catch (error) {
    say({ id, kind: 'failed', advice: adviceOn(error) });
  } finally {
    stops.delete(id);
  }
}

async function decode({ id, checkpoint, latent }: Message & { readonly kind: 'decode' }): Promise<Answer> {
  const open = () =>
    // Whoever has developed a picture has the decoder already.
    developers.get(checkpoint ?? '')?.then(({ decoder }) => decoder) ??
    openDecoder(darkroom, { onProgress: told(id), checkpoint: checkpoint ?? undefined });
  const decoder = await once(decoders, checkpoint, open);
  return { id, kind: 'decoded', image: imageOf(await decoder.decode(latent)) };
}

async function develop(message: Message & { readonly kind: 'develop' }, signal: AbortSignal): Promise<Answer> {
  const { id, checkpoint, prompt, options } = message;
  const open = () => openDeveloper(darkroom, { onProgress: told(id), checkpoint: checkpoint ?? undefined });
  const developer = await once(developers, checkpoint, open);
  const run = developer.develop(prompt, { ...options, signal });
  for await (const { step, steps, preview } of run) {
    say({ id, kind: 'step', step: { step, steps, preview: preview && imageOf(preview) } });
    // Computing leaves no room for messages: the next one may be to stop.
    await new Promise(resolve => setTimeout(resolve));
  }
  const picture = await run;
  return { id, kind: 'developed', developed: { image: imageOf(picture), settings: picture.settings } };
}

/** What is open already, or being opened; what could not be opened is tried again by whoever comes next. */
function once<T>(opened: Map<string, Promise<T>>, checkpoint: string | null, open: () => Promise<T>): Promise<T> {
  const name = checkpoint ?? '';
  const known = opened.get(name);
  if (known) return known;
  const opening = open();
  opened.set(name, opening);
  opening.catch(() => opened.delete(name));
  return opening;
}

function told(id: number): (progress: { readonly fetched: number; readonly total: number }) => void {
  return ({ fetched, total }) => say({ id, kind: 'fetching', fraction: total === 0 ? 0 : fetched / total });
}

function imageOf({ data, width, height }: Pixels): ImageData {
  return new ImageData(data as Uint8ClampedArray<ArrayBuffer>, width, height);
}

function say(answer: Answer): void {
  postMessage(answer);
}
