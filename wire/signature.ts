/**
 * How a backend knows that a request comes from its worker: HMAC-SHA256 under a shared secret, over everything the
 * request says. The body itself is not signed but its length and digest are, so that the header can be checked before
 * the body is read, and the body while it is.
 *
 * Only WebCrypto: the same code signs at the edge and verifies in the backend.
 */

export const signatureHeaders = {
  signature: 'x-darkroom-signature',
  digest: 'x-darkroom-digest',
  time: 'x-darkroom-time',
  nonce: 'x-darkroom-nonce',
  bootId: 'x-darkroom-boot',
} as const;

/** How far the clocks of worker and backend may be apart, in milliseconds. */
export const clockTolerance = 60_000;

/** What a signature covers. */
export interface SignedFields {
  /** Upper case. */
  readonly method: string;
  /** Path and query as the backend sees them, e.g. `/v1/run`. */
  readonly path: string;
  readonly bodyBytes: number;
  /** SHA-256 of the body, lower-case hex. */
  readonly bodyDigest: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** 32 lower-case hex digits, never used twice. */
  readonly nonce: string;
  /** From the backend's `/ready`: a request for one life of a backend is worth nothing in the next. */
  readonly bootId: string;
}

/** The fields a request carries in headers, and the signature over all of them. */
export interface SignatureClaim extends Pick<SignedFields, 'bodyDigest' | 'time' | 'nonce' | 'bootId'> {
  /** 64 lower-case hex digits. */
  readonly signature: string;
}

/**
 * Signs and verifies under one secret.
 *
 * @example
 * const headers = await new Signer(secret).sign({ method: 'POST', path: '/v1/run', body, bootId });
 */
export class Signer {
  readonly #key: ReturnType<typeof importKey>;

  /** @param secret at least 32 characters; who makes it up is told so by the backend's configuration */
  constructor(secret: string) {
    this.#key = importKey(secret);
    // Reported where it is awaited: by sign and verify.
    this.#key.catch(() => undefined);
  }

  /** The headers that sign a request sent now. */
  async sign(request: {
    method: string;
    path: string;
    body: Uint8Array<ArrayBuffer>;
    bootId: string;
  }): Promise<Record<string, string>> {
    const fields: SignedFields = {
      method: request.method,
      path: request.path,
      bodyBytes: request.body.byteLength,
      bodyDigest: await sha256(request.body),
      time: Date.now(),
      nonce: hex(crypto.getRandomValues(new Uint8Array(16))),
      bootId: request.bootId,
    };
    return {
      [signatureHeaders.signature]: await this.signature(fields),
      [signatureHeaders.digest]: fields.bodyDigest,
      [signatureHeaders.time]: String(fields.time),
      [signatureHeaders.nonce]: fields.nonce,
      [signatureHeaders.bootId]: fields.bootId,
    };
  }

  /** The signature over `fields`: 64 lower-case hex digits. */
  async signature(fields: SignedFields): Promise<string> {
    return hex(new Uint8Array(await crypto.subtle.sign('HMAC', await this.#key, canonical(fields))));
  }

  /** Whether `signature` is the one over `fields`. Takes as long for a near miss as for a far one. */
  async verify(fields: SignedFields, signature: string): Promise<boolean> {
    return equalInConstantTime(await this.signature(fields), signature);
  }
}

/**
 * The claim in a request's headers.
 * @param header the value of a header by its lower-case name, undefined or null where it is absent
 * @returns null when a header is missing or not of its form
 */
export function readClaim(header: (name: string) => string | null | undefined): SignatureClaim | null {
  const signature = header(signatureHeaders.signature) ?? '';
  const bodyDigest = header(signatureHeaders.digest) ?? '';
  const time = header(signatureHeaders.time) ?? '';
  const nonce = header(signatureHeaders.nonce) ?? '';
  const bootId = header(signatureHeaders.bootId) ?? '';
  const wellFormed =
    /^[0-9a-f]{64}$/.test(signature) &&
    /^[0-9a-f]{64}$/.test(bodyDigest) &&
    /^[1-9][0-9]{0,14}$/.test(time) &&
    /^[0-9a-f]{32}$/.test(nonce) &&
    /^[0-9a-z-]{1,64}$/.test(bootId);
  return wellFormed ? { signature, bodyDigest, time: Number(time), nonce, bootId } : null;
}

/** SHA-256 as 64 lower-case hex digits. */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return hex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
}

/** Whether two strings are equal, in a time that depends on their lengths alone. */
export function equalInConstantTime(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}

function importKey(secret: string) {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  return crypto.subtle.importKey('raw', new TextEncoder().encode(secret), algorithm, false, ['sign']);
}

/** One field per line: none can hold a line break, so no two requests share a text. */
function canonical(fields: SignedFields): Uint8Array<ArrayBuffer> {
  const lines = ['darkroom-hmac-sha256-1', fields.method, fields.path, fields.bodyBytes, fields.bodyDigest];
  const text = [...lines, fields.time, fields.nonce, fields.bootId].join('\n');
  return new Uint8Array(new TextEncoder().encode(text));
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
}
