import type { Conditioning } from '../../../models/conditioning.ts';
import type { GoldenPipeline } from '../golden-pipeline.ts';
import type { Call, CallArguments } from './call.ts';
import { type ComparedPrompts, encodePrompts, promptsOf, repeated } from './prompts.ts';

/** A call's prompts as the UNet wants them, one row for each picture. */
export interface RunPrompts {
  readonly prompt: Conditioning;
  readonly negative: Conditioning | null;
  /** How many pictures are made. */
  readonly images: number;
}

/** Encodes a call's prompts, compared on the way with what the reference has of them. */
export async function encodeRunPrompts(
  opened: GoldenPipeline,
  call: Call,
  given: CallArguments,
  compared: Omit<ComparedPrompts, 'sign'>,
): Promise<RunPrompts> {
  const { length } = [call.prompt].flat();
  const each = given.num_images_per_prompt;
  const asked = promptsOf(call.prompt, given.prompt_2, length, given.clip_skip);
  const prompt = await encodePrompts(opened, asked, { ...compared, sign: '' });
  // diffusers skips layers for the prompt alone.
  const avoided = promptsOf(call.negative_prompt, given.negative_prompt_2, length, null);
  const guided = call.guidance_scale > 1;
  const negative = guided ? await encodePrompts(opened, avoided, { ...compared, sign: 'negative_' }, prompt) : null;
  return { prompt: repeated(prompt, each), negative: negative && repeated(negative, each), images: length * each };
}
