/** What the page and its Web Worker say to each other. */
import type { FloatTensor } from '../../../models/runtime.ts';
import type { DevelopOptions, Settings } from '../../sdk/develop/index.ts';

export type Order =
  | { readonly kind: 'decode'; readonly latent: FloatTensor }
  | { readonly kind: 'develop'; readonly prompt: string; readonly options: Omit<DevelopOptions, 'signal'> };

/** To the worker. `stop`: of the order with that number. */
export type Message = { readonly id: number } & (Order | { readonly kind: 'stop' });

export interface Step {
  readonly step: number;
  readonly steps: number;
  /** Small; null where there is none of this step. */
  readonly preview: ImageData | null;
}

export interface Developed {
  readonly image: ImageData;
  readonly latent: FloatTensor;
  readonly settings: Settings;
}

/** From the worker, with the number of the order that it belongs to. */
export type Answer = { readonly id: number } & (
  | { readonly kind: 'fetching'; readonly fraction: number }
  | { readonly kind: 'step'; readonly step: Step }
  | { readonly kind: 'decoded'; readonly image: ImageData }
  | { readonly kind: 'developed'; readonly developed: Developed }
  | { readonly kind: 'failed'; readonly message: string }
);
