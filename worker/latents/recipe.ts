/**
 * What a latent depends on, and nothing else: two requests with equal recipes are the same request. The key of a
 * latent is the SHA-256 of its recipe's canonical JSON.
 */

import { canonicalJson } from '../../schema/canonical-json.ts';
import type { SizesPlan } from '../../wire/plan.ts';
import { sha256 } from './digest.ts';

/** A latent that was denoised, from noise or from a start. */
export interface GeneratedRecipe {
  readonly kind: 'generated';
  readonly version: 1;
  /** Digest of the checkpoint. */
  readonly checkpoint: string;
  /** One padded list per text encoder. Ids, not text: prompts the model cannot tell apart share latents. */
  readonly tokenIds: readonly (readonly number[])[];
  /** Null without classifier-free guidance; empty where zeros stand for it. */
  readonly negativeTokenIds: readonly (readonly number[])[] | null;
  /** Below 2^32: all that the noise depends on. */
  readonly seed: number;
  readonly steps: number;
  readonly guidanceScale: number;
  readonly guidanceRescale: number;
  readonly clipSkip: number | null;
  readonly eta: number;
  /** The full diffusers config. */
  readonly scheduler: Readonly<Record<string, unknown>>;
  readonly width: number;
  readonly height: number;
  /** What the UNet is told of sizes; null where it is told nothing. */
  readonly sdxl: SizesPlan | null;
  readonly start: StartRecipe | null;
  readonly precision: 'float32';
  /** What its first steps are taken from; null where all were its own. */
  readonly approximate: ApproximateRecipe | null;
}

/** Steps of another prompt: what was made of them is never what was asked for exactly. */
export interface ApproximateRecipe {
  /** Of the latent that they led to there. */
  readonly latentKey: string;
  /** How many they are. */
  readonly step: number;
}

export interface StartRecipe {
  /** IMAGE: each image's noise also draws its latent from those that the picture may have. LATENT: it is the latent itself. */
  readonly from: 'IMAGE' | 'LATENT';
  /** Of a picture: that of its likeliest latent. */
  readonly latentKey: string;
  readonly strength: number;
}

/** The likeliest latent of a picture. */
export interface EncodedRecipe {
  readonly kind: 'encoded';
  readonly version: 1;
  readonly checkpoint: string;
  /** SHA-256 of the pixels, `[height, width, 3] uint8`, brought to their size. */
  readonly pixels: string;
  readonly width: number;
  readonly height: number;
}

/** A latent that a caller has sent, of which only the numbers are known. */
export interface UploadedRecipe {
  readonly kind: 'uploaded';
  readonly version: 1;
  readonly checkpoint: string;
  /** SHA-256 of its float32 numbers. */
  readonly digest: string;
  readonly shape: readonly number[];
}

/** On the way from one latent to another. */
export interface InterpolatedRecipe {
  readonly kind: 'interpolated';
  readonly version: 1;
  readonly fromKey: string;
  readonly toKey: string;
  /** Above 0, below 1. */
  readonly t: number;
}

/** Noise, as denoising would begin with it. */
export interface RandomRecipe {
  readonly kind: 'random';
  readonly version: 1;
  readonly checkpoint: string;
  /** Below 2^32: all that the noise depends on. */
  readonly seed: number;
  readonly shape: readonly number[];
}

/** A latent of few bits. */
export interface QuantisedRecipe {
  readonly kind: 'quantised';
  readonly version: 1;
  readonly sourceKey: string;
  /** SHA-256 of the source's numbers: encoded anew elsewhere they may be others. */
  readonly sourceDigest: string;
  /** How they are quantised. */
  readonly format: number;
  /** Of a value, 2 to 8. */
  readonly bits: number;
}

export type Recipe =
  | GeneratedRecipe
  | EncodedRecipe
  | UploadedRecipe
  | InterpolatedRecipe
  | RandomRecipe
  | QuantisedRecipe;

export function latentKey(recipe: Recipe): Promise<string> {
  return sha256(canonicalJson(recipe));
}
