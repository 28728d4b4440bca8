/** What the page's worker can be told to do, and what it answers. */
import type { Pixels } from '../../../client/sdk/decode/index.ts';

/** A picture as it can leave a page. */
export interface Sent extends Omit<Pixels, 'data'> {
  /** Red, green, blue, alpha. */
  readonly data: number[];
}

export interface Orders {
  /** Opens a decoder. */
  readonly decoder: {
    readonly given: { readonly url: string; readonly threads?: number; readonly provider?: 'webgpu' | 'wasm' };
    readonly answer: {
      readonly provider: string;
      readonly isolated: boolean;
      readonly ms: number;
      /** Of the bytes that are needed, how many came: each time that was told. */
      readonly progress: number[];
    };
  };
  /** Decodes a latent so many times. */
  readonly decode: {
    readonly given: { readonly latentKey: string; readonly times: number };
    readonly answer: { readonly picture: Sent; readonly ms: number[] };
  };
  /** Decodes so many points of the way between two latents, as a page does while somebody drags. */
  readonly interpolate: {
    readonly given: { readonly fromKey: string; readonly toKey: string; readonly count: number };
    readonly answer: { readonly ms: number };
  };
  /** Opens a developer. */
  readonly developer: Orders['decoder'];
  /** Makes a picture. */
  readonly develop: {
    readonly given: { readonly prompt: string; readonly seed: number; readonly steps?: number };
    readonly answer: { readonly picture: Sent; readonly ms: number; readonly steps: number; readonly previews: number };
  };
}

export type Order = {
  [Name in keyof Orders]: { readonly name: Name; readonly given: Orders[Name]['given'] };
}[keyof Orders];
