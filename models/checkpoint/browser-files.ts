/** Which files of a checkpoint a browser needs. */
import type { BrowserFile, BrowserParts } from '../../wire/card.ts';
import type { Component } from './component.ts';
import type { CheckpointFiles } from './files.ts';
import type { Checkpoint } from './folder.ts';
import { sliceWeights, type WeightSlice } from './slice.ts';

/** A whole checkpoint that takes more than this is not offered to browsers: nobody waits for it, and no page can hold it. */
export const mostBrowserBytes = 64 * 1024 * 1024;

/**
 * The autoencoder's weights without the encoder's half, by a name that diffusers has for a variant of weights: a folder
 * that has this file in place of the whole one is opened like any other.
 */
export const decoderWeights = 'vae/diffusion_pytorch_model.decoder.safetensors';

/** Parts that only look at finished pictures, or make what another part makes anyway. */
const unneeded = /^(embedder|discriminator|preview_decoder)\/|^outliers\.json$/;

/** What `decoderWeights` holds. @throws CheckpointError when the autoencoder has no decoder */
export function decoderSlice({ weights }: Pick<Component, 'weights'>): WeightSlice {
  return sliceWeights(weights, name => /^(decoder|post_quant_conv)\./.test(name));
}

/**
 * What a browser is handed out, each file with its size and, but for the decoder's weights, which are in no file, its
 * SHA-256.
 * @throws CheckpointError when the autoencoder has no decoder
 */
export async function browserFiles({ files, contents, vae }: Checkpoint): Promise<BrowserParts> {
  const config = await describe(files, vae.config.file);
  const weights: BrowserFile = { path: decoderWeights, bytes: decoderSlice(vae).bytes };
  const encoders = new Set(vae.weights.files);
  const paths = contents.filter(path => !unneeded.test(path) && !encoders.has(path));
  const all = [...(await Promise.all(paths.map(path => describe(files, path)))), weights];
  const bytes = all.reduce((sum, file) => sum + file.bytes, 0);
  return { decoder: { config, weights }, files: bytes <= mostBrowserBytes ? all : null };
}

async function describe(files: CheckpointFiles, path: string): Promise<BrowserFile> {
  return { path, bytes: await files.size(path), sha256: await files.sha256(path) };
}
