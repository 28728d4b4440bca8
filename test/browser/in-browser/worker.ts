/** A page's worker that computes: what `orders.ts` says. */
import { type Decoder, openDecoder, type Pixels, slerp } from '../../../client/sdk/decode/index.ts';
import { type Developer, openDeveloper } from '../../../client/sdk/develop/index.ts';
import { Darkroom } from '../../../client/sdk/index.ts';
import type { Order, Orders, Sent } from './orders.ts';

const scope = globalThis as unknown as {
  readonly crossOriginIsolated: boolean;
  onmessage: (event: { data: Order }) => void;
  postMessage(answer: unknown): void;
};
let decoder: Decoder;
let developer: Developer;

const doings: { [Name in keyof Orders]: (given: Orders[Name]['given']) => Promise<Orders[Name]['answer']> } = {
  decoder: given =>
    opened(given, async (darkroom, options) => {
      decoder = await openDecoder(darkroom, options);
      return decoder;
    }),
  developer: given =>
    opened(given, async (darkroom, options) => {
      developer = await openDeveloper(darkroom, options);
      return developer.decoder;
    }),
  async decode({ latentKey, times }) {
    const latent = await decoder.read({ latentKey });
    const ms: number[] = [];
    let picture: Pixels | null = null;
    for (let time = 0; time < times; time++) {
      const began = performance.now();
      picture = await decoder.decode(latent);
      ms.push(performance.now() - began);
    }
    return { picture: sent(picture!), ms };
  },
  async interpolate({ fromKey, toKey, count }) {
    const [from, to] = [await decoder.read({ latentKey: fromKey }), await decoder.read({ latentKey: toKey })];
    const began = performance.now();
    for (let i = 0; i < count; i++) await decoder.decode(slerp(from, to, i / (count - 1)));
    return { ms: performance.now() - began };
  },
  async develop({ prompt, ...options }) {
    const began = performance.now();
    const run = developer.develop(prompt, options);
    let [steps, previews] = [0, 0];
    for await (const { preview } of run) {
      steps++;
      if (preview) previews++;
    }
    return { picture: sent(await run), ms: performance.now() - began, steps, previews };
  },
};

async function opened(
  { url, ...options }: Orders['decoder']['given'],
  open: (darkroom: Darkroom, options: Parameters<typeof openDecoder>[1]) => Promise<Decoder>,
): Promise<Orders['decoder']['answer']> {
  const progress: number[] = [];
  const began = performance.now();
  const { provider } = await open(new Darkroom({ url }), {
    provider: 'wasm',
    wasmPaths: '/ort/',
    onProgress: ({ fetched, total }) => progress.push(fetched / total),
    ...options,
  });
  return { provider, isolated: scope.crossOriginIsolated, ms: performance.now() - began, progress };
}

function sent({ width, height, data }: Pixels): Sent {
  return { width, height, data: [...data] };
}

scope.onmessage = async ({ data: { name, given } }) => {
  try {
    scope.postMessage({ answer: await doings[name](given as never) });
  } catch (error) {
    scope.postMessage({ error: (error as Error).stack ?? String(error) });
  }
};
