/** Models in this page: what the studio's other parts see of the Web Worker that computes. */
import type { FloatTensor } from '../../../models/runtime.ts';
import { Advice } from '../errors.ts';
import { Store } from '../state/store.ts';
import type { Answer, Developed, Order, Settings, Step } from './messages.ts';

export interface InPage {
  /**
   * `[1, channels, height/8, width/8]` to its picture.
   * @param checkpoint its name; null: the server's default
   */
  decode(latent: FloatTensor, checkpoint: string | null): Promise<ImageData>;
  /** @param onStep told after every step */
  develop(
    prompt: string,
    checkpoint: string | null,
    options: Settings,
    onStep: (step: Step) => void,
    signal: AbortSignal,
  ): Promise<Developed>;
}

/** How much of a model was fetched, 0 to 1; null: nothing is being fetched. */
export const fetching = new Store<number | null>(null);

interface Waiting {
  readonly take: (answer: Answer) => void;
  readonly fail: (error: Error) => void;
}

let opened: InPage | null = null;

/** The one of this page. The model is fetched when it is first used, and kept by the browser. */
export function openInPage(): InPage {
  opened ??= new WorkerModels();
  return opened;
}

class WorkerModels implements InPage {
  readonly #worker = new Worker(new URL('./model.worker.ts', import.meta.url), { type: 'module' });
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;

  constructor() {
    this.#worker.addEventListener('message', ({ data }: MessageEvent<Answer>) =>
      this.#waiting.get(data.id)?.take(data),
    );
    this.#worker.addEventListener('error', event =>
      this.#fall(
        new Advice(`What computes in this page has stopped: ${event.message || 'it was not loaded'}. Try again.`),
      ),
    );
  }

  decode(latent: FloatTensor, checkpoint: string | null): Promise<ImageData> {
    return this.#ask({ kind: 'decode', latent, checkpoint }, () => {}).then(answer => pictureOf(answer));
  }

  async develop(
    prompt: string,
    checkpoint: string | null,
    options: Settings,
    onStep: (step: Step) => void,
    signal: AbortSignal,
  ): Promise<Developed> {
    signal.throwIfAborted();
    const answer = await this.#ask({ kind: 'develop', prompt, checkpoint, options }, onStep, signal);
    if (answer.kind !== 'developed') throw new Error(`the worker answered with ${answer.kind}`);
    return answer.developed;
  }

  #ask(order: Order, onStep: (step: Step) => void, signal?: AbortSignal): Promise<Answer> {
    const id = this.#nextId++;
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const stop = () => {
      this.#worker.postMessage({ id, kind: 'stop' } satisfies { id: number; kind: 'stop' });
      reject(signal?.reason);
    };
    this.#waiting.set(id, {
      fail: reject,
      take(answer) {
        if (answer.kind === 'fetching') fetching.set(answer.fraction);
        else if (answer.kind === 'step') onStep(answer.step);
        else if (answer.kind === 'failed') reject(new Advice(answer.advice));
        else resolve(answer);
      },
    });
    signal?.addEventListener('abort', stop, { once: true });
    this.#worker.postMessage({ id, ...order });
    return promise.finally(() => {
      signal?.removeEventListener('abort', stop);
      this.#waiting.delete(id);
      fetching.set(null);
    });
  }

  /** A worker that is broken is no use to anybody; the next one to ask gets another. */
  #fall(error: Error): void {
    for (const { fail } of this.#waiting.values()) fail(error);
    this.#waiting.clear();
    this.#worker.terminate();
    opened = null;
  }
}

function pictureOf(answer: Answer): ImageData {
  if (answer.kind !== 'decoded') throw new Error(`the worker answered with ${answer.kind}`);
  return answer.image;
}
