/** Decodes and develops beside the page, which goes on answering meanwhile. */
import { type Decoder, openDecoder, type Pixels } from '../../sdk/decode/index.ts';
import { type Developer, openDeveloper } from '../../sdk/develop/index.ts';
import { Darkroom } from '../../sdk/index.ts';
import type { Answer, Message } from './messages.ts';

const darkroom = new Darkroom({ url: location.origin });
const stops = new Map<number, AbortController>();
let decoder: Promise<Decoder> | null = null;
let developer: Promise<Developer> | null = null;

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
    say({ id, kind: 'failed', message: error instanceof Error ? error.message : String(error) });
  } finally {
    stops.delete(id);
  }
}

async function decode({ id, latent }: Message & { readonly kind: 'decode' }): Promise<Answer> {
  // Whoever has developed a picture has the decoder already.
  const opening =
    decoder ?? developer?.then(({ decoder }) => decoder) ?? openDecoder(darkroom, { onProgress: told(id) });
  decoder = opening;
  opening.catch(() => {
    decoder = null;
  });
  return { id, kind: 'decoded', image: imageOf(await (await opening).decode(latent)) };
}

async function develop(message: Message & { readonly kind: 'develop' }, signal: AbortSignal): Promise<Answer> {
  const { id, prompt, options } = message;
  const opening = developer ?? openDeveloper(darkroom, { onProgress: told(id) });
  developer = opening;
  opening.catch(() => {
    developer = null;
  });
  const run = (await opening).develop(prompt, { ...options, signal });
  let turn = await run.next();
  for (; !turn.done; turn = await run.next()) {
    const { step, steps, preview } = turn.value;
    say({ id, kind: 'step', step: { step, steps, preview: preview && imageOf(preview) } });
    // Computing leaves no room for messages: the next one may be to stop.
    await new Promise(resolve => setTimeout(resolve));
  }
  const { latent, settings } = turn.value;
  return { id, kind: 'developed', developed: { image: imageOf(turn.value), latent, settings } };
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
