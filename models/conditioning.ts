import type { FloatTensor } from './runtime.ts';

/** What a picture should be of, as the UNet is told it: one row for each picture, or one for all. */
export interface Conditioning {
  /** What the UNet attends to, `[rows, sequence, width] float32`. */
  readonly promptEmbeds: FloatTensor;
  /** The text as one vector, `[rows, width] float32`. Only UNets with `addition_embed_type: "text_time"` look at it. */
  readonly pooled?: FloatTensor | null;
  /** Sizes in pixels, `[rows, 6] float32`: see `sizeConditioning`. Only for the same UNets. */
  readonly timeIds?: FloatTensor | null;
}

/** `[height, width]` or `[top, left]`, in pixels. */
export type Pair = readonly [number, number];

/**
 * SDXL's micro-conditioning (Podell et al. 2023, https://arxiv.org/abs/2307.01952, section 2.2): how large the picture is
 * said to have been, where it is said to have been cropped, how large it is said to be. Names and defaults are diffusers'.
 */
export interface SizeConditioning {
  /** Default: the picture's own size. */
  readonly originalSize?: Pair | null;
  /** Default `[0, 0]`: nothing was cropped. */
  readonly cropTopLeft?: Pair | null;
  /** Default: the picture's own size. */
  readonly targetSize?: Pair | null;
  /**
   * What the negative prompt is told. As diffusers has it, from noise the prompt's own sizes unless both negative sizes are
   * given; from a picture each size is the prompt's own unless it is given itself.
   */
  readonly negativeOriginalSize?: Pair | null;
  /** Default `[0, 0]`; counts only beside both negative sizes, and never from a picture: the prompt's own is taken. */
  readonly negativeCropTopLeft?: Pair | null;
  readonly negativeTargetSize?: Pair | null;
}

/**
 * The time ids of a prompt and its negative, `[1, 6] float32` each.
 * @param own `[height, width]` of the picture
 * @param fromPicture whether the run starts from one
 */
export function sizeConditioning(
  own: Pair,
  sizes: SizeConditioning = {},
  fromPicture = false,
): { prompt: FloatTensor; negative: FloatTensor } {
  const original = sizes.originalSize ?? own;
  const crop: Pair = sizes.cropTopLeft ?? [0, 0];
  const target = sizes.targetSize ?? own;
  const prompt = row(original, crop, target);
  const { negativeOriginalSize, negativeCropTopLeft, negativeTargetSize } = sizes;
  if (fromPicture) {
    return { prompt, negative: row(negativeOriginalSize ?? original, crop, negativeTargetSize ?? target) };
  }
  if (!negativeOriginalSize || !negativeTargetSize) return { prompt, negative: prompt };
  return { prompt, negative: row(negativeOriginalSize, negativeCropTopLeft ?? [0, 0], negativeTargetSize) };
}

/** What a prompt of nothing is where a checkpoint was trained with zeros for it. */
export function zerosLike({ promptEmbeds, pooled }: Conditioning): Conditioning {
  const zeros = ({ data, dims }: FloatTensor): FloatTensor => ({ data: new Float32Array(data.length), dims });
  return { promptEmbeds: zeros(promptEmbeds), ...(pooled && { pooled: zeros(pooled) }) };
}

function row(...pairs: readonly Pair[]): FloatTensor {
  const data = Float32Array.from(pairs.flat());
  return { data, dims: [1, data.length] };
}
