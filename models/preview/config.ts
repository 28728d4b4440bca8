import type { Config } from '../checkpoint/config.ts';

export interface PreviewConfig {
  readonly latentChannels: number;
  /** Cells a side of what a cell's pixels are made of: odd. */
  readonly kernelSize: number;
  /** Pixels a side of what a cell becomes. */
  readonly pixelsPerCell: number;
}

// What is beyond these is no preview: a few milliseconds a picture are its point.
const largestKernel = 5;
const mostPixels = 8;
const mostChannels = 64;

/** Reads the config of Darkroom's own linear preview. @throws CheckpointError */
export function previewConfig(config: Config): PreviewConfig {
  const latentChannels = config.count('latent_channels');
  if (latentChannels > mostChannels) throw config.error('latent_channels', `at most ${mostChannels}`, latentChannels);
  const kernelSize = config.count('kernel_size');
  if (kernelSize > largestKernel || kernelSize % 2 === 0) {
    throw config.error('kernel_size', `an odd number from 1 to ${largestKernel}`, kernelSize);
  }
  const pixelsPerCell = config.count('pixels_per_cell');
  if (pixelsPerCell > mostPixels) throw config.error('pixels_per_cell', `at most ${mostPixels}`, pixelsPerCell);
  return { latentChannels, kernelSize, pixelsPerCell };
}

/** How many bytes a cell becomes: the rows of the weights. */
export function bytesPerCell({ pixelsPerCell }: PreviewConfig): number {
  return pixelsPerCell * pixelsPerCell * 3;
}
