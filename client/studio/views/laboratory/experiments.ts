/** What can be done in the laboratory: each with an address of its own. */
import type { FunctionComponent } from 'preact';
import { Chance } from './chance.tsx';
import { Compress } from './compress.tsx';
import { Interpolate } from './interpolate.tsx';
import { Judge } from './judge.tsx';
import { Reconstruct } from './reconstruct.tsx';
import { Sheet } from './sheet.tsx';

export interface Experiment {
  /** The last part of its address. */
  readonly key: string;
  readonly name: string;
  /** What it shows, in a sentence. */
  readonly says: string;
  readonly component: FunctionComponent;
}

export const experiments: readonly Experiment[] = [
  {
    key: 'reconstruct',
    name: 'Reconstruct',
    says: 'A picture through the autoencoder and back: what it keeps, where it errs, and whether it has ever seen the like.',
    component: Reconstruct,
  },
  {
    key: 'compress',
    name: 'Compress',
    says: 'A picture as a file of a few hundred bytes, beside the JPEG that comes nearest to that size.',
    component: Compress,
  },
  {
    key: 'interpolate',
    name: 'Interpolate',
    says: 'The way from one picture to another through the space of latents, decoded in this page as you drag.',
    component: Interpolate,
  },
  {
    key: 'sheet',
    name: 'Contact sheet',
    says: 'One prompt under several steps, seeds, guidance scales or schedulers, in one picture.',
    component: Sheet,
  },
  {
    key: 'chance',
    name: 'Chance',
    says: 'Random pixels, a random latent, a random thing of the world it learned: three kinds of chance.',
    component: Chance,
  },
  {
    key: 'judge',
    name: 'Judge',
    says: 'How much a picture looks like what the model learned from, and what it seems to show.',
    component: Judge,
  },
];
