/** Whole pictures on onnxruntime-web's WebAssembly, held against the server's runtime. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkpointFiles } from '../../../gpu-backend/checkpoint-files.ts';
import { createOnnxRuntime } from '../../../gpu-backend/onnxruntime-node.ts';
import { StableDiffusionPipeline } from '../../../models/pipeline.ts';
import { schedulerConfig } from '../../../models/schedulers/names.ts';
import { readTokenizerCard } from '../../../models/tokenizer/card.ts';
import { ClipTokenizer } from '../../../models/tokenizer.ts';
import { isDarkroomError } from '../errors.ts';
import { bytesOff, rgbOf } from '../testing/bytes-off.ts';
import type { Developed, Developer, Developing } from './developer.ts';
import { type DevelopOptions, openDeveloper } from './index.ts';

const files = checkpointFiles('models/shipped');
const prompt = 'a cat on a red background';
let developer: Developer;
beforeAll(async () => {
  developer = await openDeveloper({ files });
});
afterAll(() => developer?.release());

async function developed(options: DevelopOptions = {}): Promise<{ steps: Developing[]; picture: Developed }> {
  const run = developer.develop(prompt, options);
  const steps: Developing[] = [];
  for await (const step of run) steps.push(step);
  return { steps, picture: await run };
}

describe('a developer', () => {
  it('makes the picture that the pipeline makes on onnxruntime-node, but for roundings', async () => {
    const native = await StableDiffusionPipeline.load(
      files,
      createOnnxRuntime({ folder: 'models/shipped', threads: 1 }),
    );
    const tokenizer = new ClipTokenizer(await readTokenizerCard(files, 'tokenizer'));
    const textOf = (text: string) => native.encodeText([tokenizer.pad(tokenizer.encode(text).ids).ids]);
    const { width, height, guidanceScale, scheduler } = developer.own.defaults;
    const config = schedulerConfig(scheduler, native.schedulerConfig);
    const run = native.denoise({
      ...(await textOf(prompt)),
      negative: await textOf(''),
      ...{ seeds: [7], width, height, guidanceScale, steps: 3, scheduler: config },
    });
    let latent = null;
    for await (const step of run) latent = step.latent;
    const expected = await native.decodeToPixels(latent!);
    await native.release();

    // The noise depends on the seed's low 32 bits alone.
    const { steps, picture } = await developed({ seed: 2 ** 32 + 7, steps: 3 });
    expect(steps.map(({ step }) => step)).toEqual([1, 2, 3]);
    expect(steps.map(({ preview }) => preview && [preview.width, preview.height])).toEqual([null, [32, 32], null]);
    expect(picture.settings).toMatchObject({ seed: 2 ** 32 + 7, steps: 3, guidanceScale, negativePrompt: '' });
    for (const [i, value] of picture.latent.data.entries()) {
      expect(Math.abs(value - latent!.data[i]!)).toBeLessThan(1e-3);
    }
    const { most, share } = bytesOff(rgbOf(picture), expected.data);
    expect(most).toBeLessThanOrEqual(1);
    expect(share).toBeLessThan(0.01);
    expect((await developer.decoder.decode(picture.latent)).data).toEqual(picture.data);
  });

  it('does without guidance, follows a negative prompt, and draws a seed', async () => {
    const plain = await developed({ seed: 1, steps: 1, guidanceScale: 1 });
    const same = await developed({ seed: 1, steps: 1, guidanceScale: 0.5, negativePrompt: 'a dog' });
    expect(same.picture.data).toEqual(plain.picture.data);
    const guided = await developed({ seed: 1, steps: 1 });
    const other = await developed({ seed: 1, steps: 1, negativePrompt: 'a dog' });
    expect(other.picture.data).not.toEqual(guided.picture.data);
    const seeds = [await developed({ steps: 1 }), await developed({ steps: 1 })].map(
      each => each.picture.settings.seed,
    );
    expect(seeds[0]).not.toBe(seeds[1]);
  });

  it.each<[string, string, DevelopOptions, string]>([
    ['no prompt', '  ', {}, 'prompt is empty'],
    ['too long a prompt', 'a'.repeat(1_001), {}, 'prompt has 1001 characters: at most 1000'],
    ['no steps', prompt, { steps: 0 }, 'steps is 0: at least 1'],
    ['half a step', prompt, { steps: 1.5 }, 'steps is 1.5: must be a whole number'],
    ['an odd side', prompt, { width: 100 }, 'width is 100: must be a multiple of 8'],
    ['all too much', prompt, { guidanceScale: 101, eta: 2 }, 'guidanceScale is 101: at most 100; eta is 2: at most 1'],
    ['another model’s scheduler', prompt, { scheduler: 'FLOW_MATCH_EULER' }, 'scheduler is FLOW_MATCH_EULER: this'],
  ])('refuses %s as the server does', async (_, text, options, message) => {
    const error = await developer.develop(text, options).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(isDarkroomError(error) && error.kind).toBe('input');
    expect((error as Error).message).toContain(message);
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    const aborted = developer.develop(prompt, { steps: 50, signal: stop.signal });
    const seen: number[] = [];
    const watching = (async () => {
      for await (const { step } of aborted) {
        seen.push(step);
        stop.abort(new Error('enough'));
      }
    })();
    await expect(watching).rejects.toThrow('enough');
    await expect(aborted).rejects.toThrow('enough');
    expect(seen).toEqual([1]);

    const left = developer.develop(prompt, { steps: 50 });
    for await (const { step } of left) if (step === 1) break;
    await expect(left).rejects.toThrow('left before the end');
  });
});
