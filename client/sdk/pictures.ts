/** Pictures as callers have them, and as the schema's `ImageInput` takes them. */

/**
 * A picture to send: a file (PNG, JPEG, WebP; a `.dklat` or `.safetensors` latent where an image would be encoded anyway) as
 * a `Blob` or its bytes, base64 or a `data:` URI as `data`, or the image of a latent that the server has.
 */
export type Picture = Blob | Uint8Array | ArrayBuffer | { readonly data: string } | { readonly latentKey: string };

/** What the schema takes: files travel beside the operation, as Blobs. */
export type ImageInput = { readonly file: Blob } | { readonly data: string } | { readonly latentKey: string };

/**
 * What is no picture, told before anything is sent: in JavaScript no compiler says so.
 * @throws TypeError
 */
export function expectPicture(image: unknown): void {
  if (typeof image === 'object' && image !== null) return;
  const found = typeof image === 'string' ? 'a text (a file must be read first)' : String(image);
  throw new TypeError(`expected a picture: a Blob, bytes, { data } or { latentKey }, found ${found}`);
}

/**
 * The input of one of the SDK's own operations as the schema wants it: each picture in it, however deep, as an `ImageInput`.
 *
 * @example
 * withImageInputs({ image: new Uint8Array(png), bits: 5 }); // { image: { file: Blob }, bits: 5 }
 */
export function withImageInputs<T>(input: T): unknown {
  if (input instanceof Blob) return { file: input };
  if (input instanceof ArrayBuffer) return { file: new Blob([input]) };
  if (input instanceof Uint8Array) return { file: new Blob([input as Uint8Array<ArrayBuffer>]) };
  if (Array.isArray(input)) return input.map(withImageInputs);
  if (typeof input !== 'object' || input === null) return input;
  return Object.fromEntries(Object.entries(input).map(([key, value]) => [key, withImageInputs(value)]));
}
