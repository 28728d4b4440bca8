import { describe, expect, it } from 'vitest';
import type { Tensor } from '../../models/runtime.ts';
import { memoryStorage } from '../../test/edge/in-memory.ts';
import { KeptProgress, type SoFar } from './kept-progress.ts';

const float = (...values: number[]): Tensor => ({ data: Float32Array.from(values), dims: [1, values.length] });
const timing = (stage: 'TEXT_ENCODE' | 'DENOISE' | 'DECODE') =>
  ({ stage, ms: 1, backend: 'gpu', cached: false }) as const;
const nothing: SoFar = { tensors: new Map(), checkpoint: null, timings: [], kinds: [] };

/** What somebody else finds, after a crash. */
function house(of = 'me') {
  const { storage, kept } = memoryStorage();
  return { kept, storage, progress: new KeptProgress(storage, of), reload: () => new KeptProgress(storage, of).load() };
}

describe('KeptProgress', () => {
  it('is nothing before something is kept', async () => {
    expect(await house().reload()).toEqual(nothing);
  });

  it('finds again what stages have made, in whose hands, and how long they took', async () => {
    const { progress, reload } = house();
    await progress.stage(timing('TEXT_ENCODE'), ['x64'], new Map([['prompt_embeds', float(1, 2)]]));
    await progress.kept(3, new Map([['at_3', float(3)]]));
    const pixels: Tensor = { data: Uint8Array.of(1, 2, 3), dims: [1, 1, 1, 3] };
    await progress.stage(timing('DECODE'), ['x64', 'arm'], new Map([['pixels', pixels]]));
    expect(await reload()).toEqual({
      tensors: new Map([
        ['prompt_embeds', float(1, 2)],
        ['at_3', float(3)],
        ['pixels', pixels],
      ]),
      checkpoint: null,
      timings: [timing('TEXT_ENCODE'), timing('DECODE')],
      kinds: ['x64', 'arm'],
    });
  });

  it('keeps what is larger than a value may be', async () => {
    const { progress, reload, kept } = house();
    const large = { data: Float32Array.from({ length: 800_000 }, (_, i) => i), dims: [1, 800_000] };
    await progress.stage(timing('DENOISE'), [], new Map([['latent', large]]));
    expect((await reload()).tensors.get('latent')).toEqual(large);
    expect(kept.size).toBe(5);
    // Later it may be less, and nothing of the rest is read.
    await progress.stage(timing('DENOISE'), [], new Map([['latent', float(1)]]));
    expect((await reload()).tensors.get('latent')).toEqual(float(1));
  });

  it('goes on from the last checkpoint alone, and with the latent from none', async () => {
    const { progress, reload } = house();
    await progress.stage(timing('TEXT_ENCODE'), ['x64'], new Map([['prompt_embeds', float(1)]]));
    const first = [
      ['resume', float(5)],
      ['resume_history', float(50)],
    ] as const;
    await progress.checkpoint({ step: 5, draws: 1 }, ['x64'], new Map(first));
    await progress.checkpoint({ step: 10, draws: 2 }, ['arm'], new Map([['resume', float(10)]]));
    const { tensors, ...rest } = await reload();
    expect(rest).toEqual({ checkpoint: { step: 10, draws: 2 }, timings: [timing('TEXT_ENCODE')], kinds: ['arm'] });
    expect([...tensors.keys()]).toEqual(['prompt_embeds', 'resume']);
    expect(tensors.get('resume')).toEqual(float(10));

    await progress.stage(timing('DENOISE'), ['arm'], new Map([['latent', float(7)]]));
    const end = await reload();
    expect([end.checkpoint, [...end.tensors.keys()]]).toEqual([null, ['prompt_embeds', 'latent']]);
  });

  it('adds to what was there before a crash', async () => {
    const { storage, progress, reload } = house();
    await progress.stage(timing('TEXT_ENCODE'), ['x64'], new Map([['prompt_embeds', float(1)]]));
    const after = new KeptProgress(storage, 'me');
    await after.load();
    await after.stage(timing('DENOISE'), ['x64'], new Map([['latent', float(2)]]));
    expect([...(await reload()).tensors.keys()]).toEqual(['prompt_embeds', 'latent']);
  });

  it('leaves nothing when it is cleared, and what is others’ alone', async () => {
    const { storage, kept, progress, reload } = house('image-1');
    const other = new KeptProgress(storage, 'image-10');
    await other.checkpoint({ step: 5, draws: 1 }, [], new Map([['resume', float(1)]]));
    const before = new Set(kept.keys());
    const large = { data: new Float32Array(300_000), dims: [300_000] };
    for (let i = 0; i < 150; i++) await progress.kept(i, new Map([[`at_${i}`, i === 0 ? large : float(i)]]));
    await progress.clear();
    expect(new Set(kept.keys())).toEqual(before);
    expect(await reload()).toEqual(nothing);
    await progress.stage(timing('DECODE'), [], new Map());
    expect((await reload()).timings).toEqual([timing('DECODE')]);
  });
});
