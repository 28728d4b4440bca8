/**
 * What a picture is, in the words of IPTC's vocabulary of digital source types. The quoted definitions are those of
 * http://cv.iptc.org/newscodes/digitalsourcetype/ as of October 2024.
 */

const vocabulary = 'http://cv.iptc.org/newscodes/digitalsourcetype/';

/**
 * Those that Darkroom's pictures are of.
 *
 * - `trainedAlgorithmicMedia`: made by a trained model, of words and noise alone. So is what lies between two such pictures,
 *   what is left of one in few bits, and the picture of a random latent.
 * - `compositeWithTrainedAlgorithmicMedia`, "augmentation, correction or enhancement using a Generative AI model": what
 *   somebody has sent had a part in it. So are reconstructions and compressions of pictures that were sent:
 *   `algorithmicallyEnhanced`, "modification or correction by algorithm without changing the main content", would be too
 *   little, for every pixel is drawn by a trained decoder, which makes up what the latent does not hold, and what was sent may
 *   have been generated itself: a round through the autoencoder must not take that off a picture.
 * - `algorithmicMedia`, "purely by an algorithm not based on any sampled training data": random pixels.
 * - `compositeSynthetic`, "a mix or composite of several elements, at least one of which is Generative AI": contact sheets,
 *   where drawn letters stand beside generated pictures.
 */
export type SourceType =
  | 'trainedAlgorithmicMedia'
  | 'compositeWithTrainedAlgorithmicMedia'
  | 'algorithmicMedia'
  | 'compositeSynthetic';

/** Of what came out of a trained decoder. */
export type LatentSourceType = Extract<SourceType, 'trainedAlgorithmicMedia' | 'compositeWithTrainedAlgorithmicMedia'>;

/** What a latent was made of: what a caller sent, or latents, by their keys; of none where words and noise were enough. */
export type LatentOrigin = 'SENT' | readonly string[];

export function sourceTypeUri(type: SourceType): string {
  return vocabulary + type;
}

/**
 * Whatever was made of something that was sent stays so.
 * @param sources of all that it was made of; null for what is gone or was not noted, and is taken for something sent
 */
export function sourceTypeOf(sources: readonly (LatentSourceType | null)[]): LatentSourceType {
  return sources.every(type => type === 'trainedAlgorithmicMedia')
    ? 'trainedAlgorithmicMedia'
    : 'compositeWithTrainedAlgorithmicMedia';
}
