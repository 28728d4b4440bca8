/** The worker's side of the wire. Needs `fetch` and WebCrypto only: runs on Workers and on Node. */
import type { Tensor } from '../models/runtime.ts';
import { BackendError, BackendUnreachable, type Refusal } from './backend-error.ts';
import type { BrowserFile, CheckpointCard } from './card.ts';
import { decodeMessages, encodeMessage, FrameError } from './frames.ts';
import type { FrameHeader, Plan } from './plan.ts';
import type { Health, Readiness } from './readiness.ts';
import { Signer } from './signature.ts';

/** One thing a running job said. Frames of `result` and `step` carry tensors: those of the plan's `returns`, checkpoints, previews. */
export interface Frame {
  readonly header: Exclude<FrameHeader, { kind: 'failed' | 'done' }>;
  readonly tensors: ReadonlyMap<string, Tensor>;
}

export interface BackendClientOptions {
  /** e.g. `http://127.0.0.1:9000`; a path is kept as a prefix. */
  readonly url: string;
  /** The backend's `DARKROOM_BACKEND_SECRET`. */
  readonly secret: string;
  readonly fetch?: typeof fetch;
}

/**
 * One backend.
 *
 * @example
 * const client = new BackendClient({ url: 'http://127.0.0.1:9000', secret });
 * for await (const { header, tensors } of client.run(plan, {}, signal)) {
 *   if (header.kind === 'result') save(tensors.get('pixels'));
 * }
 */
export class BackendClient {
  readonly #url: string;
  readonly #signer: Signer;
  readonly #fetch: typeof fetch;
  /** Forgotten when the backend says it is another one's. */
  #bootId: string | null = null;

  constructor(options: BackendClientOptions) {
    this.#url = options.url.replace(/\/+$/, '');
    this.#signer = new Signer(options.secret);
    const given = options.fetch;
    // Workers refuse a fetch that is called as a method of something else.
    this.#fetch = given ? (input, init) => given(input, init) : (input, init) => fetch(input, init);
  }

  /**
   * Who the backend is and what it has loaded.
   * @throws BackendError `not_ready` while it loads
   * @throws BackendUnreachable
   */
  async ready(signal?: AbortSignal): Promise<Readiness> {
    const readiness = await readJson<Readiness>(await this.#get('/ready', {}, signal));
    this.#bootId = readiness.bootId;
    return readiness;
  }

  /** How busy it is. @throws BackendUnreachable */
  async health(signal?: AbortSignal): Promise<Health> {
    return readJson<Health>(await this.#get('/health', {}, signal));
  }

  /** The card of a checkpoint. @throws BackendError `checkpoint_unknown` @throws BackendUnreachable */
  async card(digest: string, signal?: AbortSignal): Promise<CheckpointCard> {
    const response = await this.#signed('GET', `/v1/checkpoints/${digest}`, new Uint8Array(0), signal);
    return readJson<CheckpointCard>(response);
  }

  /**
   * One file of a checkpoint that browsers are handed out. Nothing more is read than is taken: cancel the body to hang up.
   * @param path as the card lists it
   * @throws BackendError `checkpoint_unknown` where it does not have the checkpoint, or not any more; `not_found` for a path
   *   that the card does not list
   * @throws BackendUnreachable, also when it is not as long as the card says
   */
  async file(
    digest: string,
    { path, bytes }: Pick<BrowserFile, 'path' | 'bytes'>,
    signal?: AbortSignal,
  ): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    const encoded = path.split('/').map(encodeURIComponent).join('/');
    const url = `/v1/checkpoints/${digest}/${encoded}`;
    const response = await this.#signed('GET', url, new Uint8Array(0), signal);
    if (response.body !== null && response.headers.get('content-length') === String(bytes)) return response.body;
    await response.body?.cancel();
    throw new BackendUnreachable('the backend sent a file of another length');
  }

  /**
   * Runs a plan. Yields frames as they arrive and returns when the job is done. Ending the iteration early, or
   * aborting, hangs up: the backend stops the job at its next step.
   * @param tensors what the stages read and no earlier stage makes
   * @throws BackendError when the backend refuses the plan or the job fails
   * @throws BackendUnreachable when the connection is lost before the end
   */
  async *run(plan: Plan, tensors: Readonly<Record<string, Tensor>> = {}, signal?: AbortSignal): AsyncGenerator<Frame> {
    const hangUp = new AbortController();
    const either = signal ? AbortSignal.any([signal, hangUp.signal]) : hangUp.signal;
    try {
      const response = await this.#signed('POST', '/v1/run', encodeMessage(plan, tensors), either);
      if (response.body === null) throw new BackendUnreachable('the backend sent no frames');
      for await (const message of decodeMessages(response.body)) {
        const header = message.json as FrameHeader;
        if (header.kind === 'done') return;
        if (header.kind === 'failed') throw new BackendError(header, header.stage);
        yield { header, tensors: message.tensors };
      }
      throw new BackendUnreachable('the backend hung up before the job was done');
    } catch (error) {
      throw asWireError(error, signal);
    } finally {
      hangUp.abort();
    }
  }

  /** Signs for the life the backend is known to be in; when it turns out to be in another, asks and signs once more. */
  async #signed(method: string, path: string, body: Uint8Array<ArrayBuffer>, signal?: AbortSignal): Promise<Response> {
    for (let attempt = 0; ; attempt++) {
      const bootId = this.#bootId ?? (await this.ready(signal)).bootId;
      const headers = await this.#signer.sign({ method, path, body, bootId });
      try {
        return method === 'GET'
          ? await this.#get(path, headers, signal)
          : await this.#post(path, headers, body, signal);
      } catch (error) {
        if (!(error instanceof BackendError && error.code === 'boot_changed' && attempt === 0)) throw error;
        if (this.#bootId === bootId) this.#bootId = null;
      }
    }
  }

  #get(path: string, headers: Record<string, string>, signal?: AbortSignal): Promise<Response> {
    return this.#request(path, { headers, ...(signal && { signal }) }, signal);
  }

  #post(
    path: string,
    headers: Record<string, string>,
    body: Uint8Array<ArrayBuffer>,
    signal?: AbortSignal,
  ): Promise<Response> {
    return this.#request(path, { method: 'POST', headers, body, ...(signal && { signal }) }, signal);
  }

  async #request(path: string, init: RequestInit, signal?: AbortSignal): Promise<Response> {
    let response: Response;
    try {
      response = await this.#fetch(`${this.#url}${path}`, { ...init, redirect: 'manual' });
    } catch (error) {
      throw asWireError(error, signal);
    }
    if (response.ok) return response;
    throw new BackendError(await readRefusal(response));
  }
}

async function readJson<T>(response: Response): Promise<T> {
  try {
    return (await response.json()) as T;
  } catch {
    throw new BackendUnreachable('the backend answered something that is not JSON');
  }
}

/** A proxy in between may answer something else than the backend would: then the status has to do. */
async function readRefusal(response: Response): Promise<Refusal> {
  const body = (await response.json().catch(() => null)) as Partial<Refusal> | null;
  if (typeof body?.code === 'string' && typeof body.message === 'string') {
    return { retryable: false, ...body } as Refusal;
  }
  const retryable = response.status >= 500 || response.status === 429;
  return { code: 'internal', message: `the backend answered ${response.status}`, retryable };
}

/** A dead backend is another error in every runtime; the caller's own abort stays what it is. */
function asWireError(error: unknown, signal: AbortSignal | undefined): unknown {
  if (error instanceof BackendError || error instanceof BackendUnreachable) return error;
  if (signal?.aborted) return signal.reason;
  if (error instanceof FrameError) return new BackendUnreachable(`the backend sent bad frames: ${error.message}`);
  return new BackendUnreachable('the connection to the backend was lost', { cause: error });
}
