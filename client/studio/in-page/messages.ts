/** What the page and its Web Worker say to each other. */
import type { FloatTensor } from '../../../models/runtime.ts';
import type { Settings as AllSettings, DevelopOptions } from '../../sdk/develop/index.ts';

/** @property checkpoint its name; null: the server's default */
export type Order = { readonly checkpoint: string | null } & (
  | { readonly kind: 'decode'; readonly latent: FloatTensor }
  | { readonly kind: 'develop'; readonly prompt: string; readonly options: Settings }
);

/** What a picture is made with; what is absent is the checkpoint's own. */
export type Settings = Omit<DevelopOptions, 'signal'>;

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
  readonly settings: AllSettings;
}

/** From the worker, with the number of the order that it belongs to. */
export type Answer = { readonly id: number } & (
  | { readonly kind: 'fetching'; readonly fraction: number }
  | { readonly kind: 'step'; readonly step: Step }
  | { readonly kind: 'decoded'; readonly image: ImageData }
  | { readonly kind: 'developed'; readonly developed: Developed }
  | { readonly kind: 'failed'; readonly advice: string }
);
