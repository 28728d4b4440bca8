import { clockTolerance, readClaim, type SignatureClaim, Signer } from '../wire/signature.ts';
import { RequestRefused } from './refusal.ts';
import { ReplayStore } from './replay-store.ts';

/** What the header of a request says, before its body is read. */
export interface RequestHead {
  readonly method: string;
  /** Path and query as they were sent. */
  readonly path: string;
  /** From Content-Length. */
  readonly bodyBytes: number;
  header(name: string): string | undefined;
}

/** A nonce is 32 characters: this many take a few megabytes. */
const noncesPerPeriod = 50_000;

/** Decides from a request's header alone whether the worker sent it, now, to this life of the backend, and once. */
export class Authenticator {
  readonly #signer: Signer;
  readonly #bootId: string;
  readonly #now: () => number;
  readonly #seen: ReplayStore;

  constructor(secret: string, bootId: string, now: () => number = Date.now) {
    this.#signer = new Signer(secret);
    this.#bootId = bootId;
    this.#now = now;
    // A request may be dated ahead by the tolerance and is then good for another: twice that long it could come again.
    this.#seen = new ReplayStore(2 * clockTolerance, noncesPerPeriod, now());
  }

  /**
   * The claim of a request that may be served; its body must still have the digest it claims.
   * @throws RequestRefused `unauthorized`, `boot_changed`, or `queue_full` beyond some 400 requests a second
   */
  async authenticate(head: RequestHead): Promise<SignatureClaim> {
    const claim = readClaim(name => head.header(name));
    if (!claim) throw unauthorized('unsigned', 'the request is not signed');
    const { signature, ...signed } = claim;
    const fields = { method: head.method, path: head.path, bodyBytes: head.bodyBytes, ...signed };
    // The signature first: whoever cannot sign learns nothing from the checks after it.
    if (!(await this.#signer.verify(fields, signature))) throw unauthorized('signature', 'the signature is wrong');
    if (claim.bootId !== this.#bootId) {
      throw new RequestRefused('boot_changed', 'the backend has restarted: read /ready again');
    }
    const now = this.#now();
    if (Math.abs(now - claim.time) > clockTolerance) {
      throw unauthorized('stale', `the request is dated more than ${clockTolerance / 1000} s from the backend's clock`);
    }
    const taken = this.#seen.take(claim.nonce, now);
    if (taken === 'replayed') throw unauthorized('replayed', 'the request was seen before');
    if (taken === 'full') {
      const detail = { reason: 'nonces', retryAfterMs: this.#seen.roomIn(now) };
      throw new RequestRefused('queue_full', 'too many requests to remember', detail);
    }
    return claim;
  }
}

function unauthorized(reason: string, message: string): RequestRefused {
  return new RequestRefused('unauthorized', message, { reason });
}
