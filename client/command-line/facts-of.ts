/** A generation in words. */
import type { Generation } from '../sdk/index.ts';
import { facts } from './table.ts';

export function generationFacts(generation: Generation): string {
  const { id, status, prompt, negativePrompt, parameters, progress, images, failure, createdAt, finishedAt } =
    generation;
  const { checkpoint, width, height, steps, guidanceScale, scheduler, seed, count, strength } = parameters;
  return facts([
    ['id', id],
    ['status', status],
    ['prompt', prompt],
    ['negative', negativePrompt],
    ['checkpoint', checkpoint],
    ['size', `${width}x${height}`],
    ['steps', `${steps}, of all images ${progress.step} of ${progress.steps} done`],
    ['guidance', guidanceScale],
    ['scheduler', scheduler],
    ['seed', seed],
    ['count', count],
    ['strength', strength],
    ['created', createdAt],
    ['finished', finishedAt],
    ['failure', failure && `${failure.code}: ${failure.message}`],
    ...images.flatMap(({ url, latent }, i): [string, string | undefined][] => [
      [`image ${i + 1}`, url],
      [`latent ${i + 1}`, latent?.key],
    ]),
  ]);
}
