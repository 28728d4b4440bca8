/**
 * What a PNG says of itself: the `parameters` text that AUTOMATIC1111's web UI writes and many programs read, and a
 * JSON record that is exact. Only what determines the picture is in them, so that equal requests give equal files.
 */
import type { GenerationParameters, GenerationRecord, GenerationState, ImageState } from '../../schema/context.ts';
import { samplerName } from './sampler-names.ts';

/** The texts by keyword. */
export function pictureTexts(generation: GenerationState, image: ImageState): Record<string, string> {
  return { parameters: parametersText(generation, image), darkroom: recordText(generation, image) };
}

/** Of the `parameters` text. */
export function parametersText(
  { prompt, negativePrompt, parameters, record }: GenerationState,
  image: ImageState,
): string {
  const { steps, scheduler, guidanceScale, guidanceRescale, eta, clipSkip, checkpoint, start } = parameters;
  const settings = [
    `Steps: ${steps}`,
    `Sampler: ${samplerName(scheduler)}`,
    `CFG scale: ${guidanceScale}`,
    `Seed: ${image.seed}`,
    `Size: ${image.width}x${image.height}`,
    ...(record ? [`Model hash: ${record.checkpointDigest.slice(0, 10)}`] : []),
    `Model: ${checkpoint}`,
    ...(start ? [`Denoising strength: ${start.strength}`] : []),
    // The web UI counts from 1, where 1 is the whole encoder; diffusers from 0.
    ...(clipSkip === null ? [] : [`Clip skip: ${clipSkip + 1}`]),
    ...(eta === 0 ? [] : [`Eta: ${eta}`]),
    ...(guidanceRescale === 0 ? [] : [`CFG Rescale: ${guidanceRescale}`]),
    ...(image.approximate ? [`Reused steps: ${image.approximate.step}`] : []),
  ];
  return [prompt, ...(negativePrompt === '' ? [] : [`Negative prompt: ${negativePrompt}`]), settings.join(', ')].join(
    '\n',
  );
}

/** ASCII only, so that it fits the oldest kind of text chunk. */
function recordText({ prompt, negativePrompt, parameters, record }: GenerationState, image: ImageState): string {
  const {
    count: _,
    seed: __,
    reuse: ___,
    isSeedDrawn: ____,
    start,
    sdxl,
    ...settings
  } = parameters satisfies GenerationParameters;
  const text = JSON.stringify({
    version: 1,
    prompt,
    negativePrompt,
    ...settings,
    ...(start && { start }),
    ...(sdxl && { sdxl }),
    // Whoever makes it again with these settings alone gets another picture.
    ...(image.approximate && { approximate: image.approximate }),
    seed: image.seed,
    ...(record && exactly(record)),
  });
  return text.replaceAll(/[\u007f-\uffff]/g, char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Without where and with what program it was computed: the same picture may come from several. */
function exactly({ checkpointDigest, tokenIds, negativeTokenIds, noise, scheduler, dtype }: GenerationRecord): object {
  return { checkpointDigest, tokenIds, negativeTokenIds, noise, schedulerConfig: JSON.parse(scheduler), dtype };
}
