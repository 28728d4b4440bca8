import type { FloatTensor } from '../runtime.ts';
import type { AutoencoderConfig } from './config.ts';

const { fround } = Math;

/**
 * Between latents as the autoencoder has them and as the UNet does: multiplied by a factor, and where the checkpoint says
 * what is usual for each channel (`latents_mean`, `latents_std`) first brought to a mean of 0 and a deviation of 1.
 */
export class LatentScale {
  readonly #factor: number;
  readonly #usual: AutoencoderConfig['latentStatistics'];

  /** @param byChannel whether the pipeline's class looks at what is usual for each channel: that of SDXL does */
  constructor({ scalingFactor, latentStatistics }: AutoencoderConfig, byChannel: boolean) {
    this.#factor = scalingFactor;
    this.#usual = byChannel ? latentStatistics : null;
  }

  /** @param latent `[batch, channels, height, width] float32` of the autoencoder */
  toUNet(latent: FloatTensor): FloatTensor {
    const factor = this.#factor;
    if (!this.#usual) return { data: latent.data.map(value => value * factor), dims: latent.dims };
    return byChannel(latent, this.#usual, (value, mean, std) => fround(fround(value - mean) * factor) / std);
  }

  /** @param latent `[batch, channels, height, width] float32` of the UNet */
  toAutoencoder(latent: FloatTensor): FloatTensor {
    const factor = this.#factor;
    if (!this.#usual) return { data: latent.data.map(value => value / factor), dims: latent.dims };
    return byChannel(latent, this.#usual, (value, mean, std) => fround(fround(value * std) / factor) + mean);
  }
}

function byChannel(
  { data, dims }: FloatTensor,
  { mean, std }: { readonly mean: readonly number[]; readonly std: readonly number[] },
  convert: (value: number, mean: number, std: number) => number,
): FloatTensor {
  const plane = dims[2]! * dims[3]!;
  const changed = data.map((value, i) => {
    const channel = Math.floor(i / plane) % mean.length;
    return convert(value, fround(mean[channel]!), fround(std[channel]!));
  });
  return { data: changed, dims };
}
