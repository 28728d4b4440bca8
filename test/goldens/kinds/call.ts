import { z } from 'zod';
import type { SizeConditioning } from '../../../models/conditioning.ts';
import { seededNoise } from '../../../models/denoise.ts';
import { TorchGenerator } from '../../../models/noise.ts';
import type { FloatTensor } from '../../../models/runtime.ts';
import { schedulerClasses } from '../../../models/schedulers/create.ts';
import { UnsupportedError } from '../../../models/unsupported.ts';

const seed = z.union([z.int(), z.string().regex(/^-?\d+$/)]);
const text = z.union([z.string(), z.array(z.string())]);

/** A call of one of diffusers' pipelines for Stable Diffusion 1, 2 or XL, from text or from an image. */
export const callSchema = z.looseObject({
  id: z.string(),
  prompt: text,
  negative_prompt: text.nullable(),
  guidance_scale: z.number(),
  num_inference_steps: z.int().nullable(),
  /** One generator for all pictures, or a list with one for each. */
  seed: z.union([seed, z.array(seed)]),
  /** Arguments that most calls do without; they may stand beside the others too. */
  extra_call_args: z.record(z.string(), z.unknown()).default({}),
  scheduler_config: z.record(z.string(), z.unknown()),
  /** What the UNet was told at each of its calls. */
  step_timesteps: z.array(z.number()).optional(),
});
export type Call = z.infer<typeof callSchema>;

const pair = z.tuple([z.int(), z.int()]).nullable().default(null);
const numbers = z.array(z.number()).nullable().default(null);
const argumentSchema = z.object({
  prompt_2: text.nullable().default(null),
  negative_prompt_2: text.nullable().default(null),
  original_size: pair,
  crops_coords_top_left: pair,
  target_size: pair,
  negative_original_size: pair,
  negative_crops_coords_top_left: pair,
  negative_target_size: pair,
  eta: z.number().default(0),
  guidance_rescale: z.number().default(0),
  clip_skip: z.int().nullable().default(null),
  num_images_per_prompt: z.int().min(1).default(1),
  timesteps: numbers,
  sigmas: numbers,
});
export type CallArguments = z.infer<typeof argumentSchema>;

/** What changes no number: how results come back, and what only a refiner is told. */
const idle = [
  'output_type',
  'return_dict',
  'callback_on_step_end_tensor_inputs',
  'aesthetic_score',
  'negative_aesthetic_score',
];
/** What else the pipelines take. Beside a call's own keys these are arguments; any other key describes the data. */
const others = [
  'latents',
  'denoising_start',
  'denoising_end',
  'prompt_embeds',
  'negative_prompt_embeds',
  'pooled_prompt_embeds',
  'negative_pooled_prompt_embeds',
  'ip_adapter_image',
  'ip_adapter_image_embeds',
  'cross_attention_kwargs',
  'callback_on_step_end',
];

/**
 * The arguments of a call that are not in every call.
 * @throws UnsupportedError naming the scheduler's class, or an argument that is not compared
 */
export function argumentsOf(call: Call): CallArguments {
  const name = String(call.scheduler_config._class_name);
  if (!schedulerClasses.includes(name)) throw new UnsupportedError(`scheduler ${name}`);
  const known = Object.keys(argumentSchema.shape);
  const beside = Object.entries(call).filter(([key]) => [...known, ...others].includes(key));
  const given = [...beside, ...Object.entries(call.extra_call_args)].filter(
    ([key, value]) => value !== null && !idle.includes(key),
  );
  const unknown = given.find(([key]) => !known.includes(key));
  if (unknown) throw new UnsupportedError(`pipeline argument ${unknown[0]}`);
  return argumentSchema.parse(Object.fromEntries(given));
}

export function sizesOf(given: CallArguments): SizeConditioning {
  return {
    originalSize: given.original_size,
    cropTopLeft: given.crops_coords_top_left,
    targetSize: given.target_size,
    negativeOriginalSize: given.negative_original_size,
    negativeCropTopLeft: given.negative_crops_coords_top_left,
    negativeTargetSize: given.negative_target_size,
  };
}

/** A draw of noise; the tensors drawn so far are kept. */
export interface KeptNoise {
  readonly draw: (shape: readonly number[]) => FloatTensor;
  readonly drawn: readonly FloatTensor[];
}

/**
 * Noise as diffusers draws it: with one generator that of all pictures is one draw, with a list each picture has its own.
 * @param encoded how many pictures are encoded, where the first draw samples their latents: one generator samples each
 *   once, however many are made of it
 */
export function noiseOf({ seed: seeds }: Pick<Call, 'seed'>, encoded: number | null): KeptNoise {
  const drawn: FloatTensor[] = [];
  const keep = (noise: FloatTensor): FloatTensor => {
    drawn.push(noise);
    return noise;
  };
  if (Array.isArray(seeds)) {
    const draw = seededNoise(seeds.map(each => BigInt(each)));
    return { drawn, draw: shape => keep(draw(shape)) };
  }
  const generator = new TorchGenerator(BigInt(seeds));
  return {
    drawn,
    draw: shape => {
      const sampled = encoded !== null && drawn.length === 0 ? encoded : shape[0]!;
      return keep(tiled(generator.randn([sampled, ...shape.slice(1)]), shape[0]!));
    },
  };
}

/** All rows over and over again, until there are `rows`. */
export function tiled({ data, dims }: FloatTensor, rows: number): FloatTensor {
  const [own, ...rest] = dims as [number, ...number[]];
  if (rows % own !== 0) throw new RangeError(`${own} pictures for ${rows}`);
  const all = new Float32Array((data.length / own) * rows);
  for (let begin = 0; begin < all.length; begin += data.length) all.set(data, begin);
  return { data: all, dims: [rows, ...rest] };
}
