import { canonicalJson } from '../../schema/canonical-json.ts';
import { sha256 } from '../latents/digest.ts';

/** A text as a checkpoint's text encoders see it. Whether it is a prompt or a negative prompt is all the same to them. */
export interface TextRecipe {
  readonly kind: 'text';
  readonly version: 1;
  /** Digest of the checkpoint. */
  readonly checkpoint: string;
  /** One padded list per text encoder. Empty: the zeros that stand for no prompt. */
  readonly tokenIds: readonly (readonly number[])[];
  /** How many of the encoder's last layers are left out. */
  readonly clipSkip: number | null;
}

/** A picture as the autoencoder sees it: all the latents that it may have. */
export interface PictureRecipe {
  readonly kind: 'picture';
  readonly version: 1;
  /** Of its likeliest latent, which says of which picture and for which checkpoint. */
  readonly latentKey: string;
}

/** A text as it is compared with others: no layer of the encoders is left out. */
export interface TextVectorsRecipe {
  readonly kind: 'text-vectors';
  readonly version: 1;
  readonly checkpoint: string;
  readonly tokenIds: readonly (readonly number[])[];
}

export function encodingKey(recipe: TextRecipe | PictureRecipe | TextVectorsRecipe): Promise<string> {
  return sha256(canonicalJson(recipe));
}
