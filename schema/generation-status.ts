import { builder } from './builder.ts';
import type { GenerationStatus, Stage } from './context.ts';

const status = (value: GenerationStatus, description: string) => ({ value, description });
const stage = (value: Stage, description: string) => ({ value, description });

export const GenerationStatusType = builder.enumType('GenerationStatus', {
  description: 'How far a generation is. The last three are final.',
  values: {
    QUEUED: status('QUEUED', 'Accepted and stored; no backend works on it yet.'),
    ENCODING: status('ENCODING', 'The text encoder reads the prompt; the autoencoder the picture that is the start.'),
    DENOISING: status('DENOISING', 'Noise becomes latents; `progress` counts the steps.'),
    DECODING: status('DECODING', 'The autoencoder makes pixels of the latents.'),
    SCORING: status('SCORING', 'The discriminator looks at the image, where that was asked for.'),
    SUCCEEDED: status('SUCCEEDED', 'Ended, with all of its images.'),
    FAILED: status('FAILED', 'Ended before all of its images were made; those that were stay. `failure` says why.'),
    CANCELLED: status('CANCELLED', 'Ended because it was stopped; the images that were made before stay.'),
  },
});

/** Whether a generation in this state changes no more. */
export function hasEnded(status: GenerationStatus): boolean {
  return status === 'SUCCEEDED' || status === 'FAILED' || status === 'CANCELLED';
}

export const StageType = builder.enumType('Stage', {
  description: 'A part of a generation’s work.',
  values: {
    QUEUE: stage('QUEUE', 'Waiting for a backend, and for its turn there.'),
    TEXT_ENCODE: stage('TEXT_ENCODE', 'The text encoder.'),
    IMAGE_ENCODE: stage('IMAGE_ENCODE', 'The autoencoder’s encoder, where a picture is the start.'),
    DENOISE: stage('DENOISE', 'The UNet, all steps.'),
    DECODE: stage('DECODE', 'The autoencoder’s decoder.'),
    EMBED: stage('EMBED', 'The embedder, which finds a latent’s place in the space that texts and images share.'),
    SCORE: stage('SCORE', 'The discriminator, which says whether the images look like the data.'),
    STORE: stage('STORE', 'Keeping latents and images.'),
  },
});
