import { describe, expect, it } from 'vitest';
import type { Tensor } from '../../models/runtime.ts';
import type { Frame } from '../../wire/client.ts';
import type { Plan } from '../../wire/plan.ts';
import type { Job } from '../generations/job.ts';
import { checkFrame } from './check-frame.ts';

const job = { parameters: { width: 16, height: 8 }, latent: { channels: 4, scale: 8 } } as unknown as Job;
const plan = { stages: [{ stage: 'DENOISE' }, { stage: 'DECODE' }], returns: ['latent', 'pixels', 'at_2'] };
const float = (...dims: number[]): Tensor => ({ data: new Float32Array(dims.reduce((a, b) => a * b)), dims });
const bytes = (...dims: number[]): Tensor => ({ data: new Uint8Array(dims.reduce((a, b) => a * b)), dims });
const check =
  (header: object, tensors: Record<string, Tensor> = {}) =>
  () =>
    checkFrame({ header, tensors: new Map(Object.entries(tensors)) } as Frame, plan as unknown as Plan, job);
const step = { kind: 'step', step: 2, steps: 4, draws: 3 };
const result = { kind: 'result', stage: 'DENOISE', ms: 1 };

describe('checkFrame', () => {
  it('lets pass what was asked for', () => {
    check({ kind: 'queued', position: 0 })();
    check({ kind: 'started', backend: { runtime: 'r' } })();
    const run = { resume: float(1, 4, 1, 2), resume_output_0: float(1, 4, 1, 2), at_2: float(1, 4, 1, 2) };
    check(step, { ...run, at_2_output_0: float(1, 4, 1, 2), preview: bytes(1, 2, 4, 3) })();
    check(result, { latent: float(1, 4, 1, 2) })();
    check({ ...result, stage: 'DECODE' }, { pixels: bytes(1, 8, 16, 3) })();
  });

  it('leaves out what was not', () => {
    expect([...check(result, { latent: float(1, 4, 1, 2), score: float(1) })().keys()]).toEqual(['latent']);
  });

  it.each<[string, object, Record<string, Tensor>]>([
    ['a frame of no known kind', { kind: 'zzz' }, {}],
    ['a start without saying who', { kind: 'started' }, {}],
    ['step 1000000000 of 0', { ...step, step: 1e9, steps: 0 }, {}],
    ['step 2 after 1000000000 draws', { ...step, draws: 1e9 }, {}],
    ['a result of SCORE, unasked', { ...result, stage: 'SCORE' }, {}],
    ['latent [1,1,1,1], expected [1, 4, 1, 2]', result, { latent: float(1, 1, 1, 1) }],
    ['resume [1,4,2,1], expected', step, { resume: float(1, 4, 2, 1) }],
    ['pixels [1,8,8,3], expected', result, { pixels: bytes(1, 8, 8, 3) }],
    ['pixels not as uint8', result, { pixels: float(1, 8, 16, 3) }],
    ['latent with NaN', result, { latent: { data: new Float32Array(8).fill(Number.NaN), dims: [1, 4, 1, 2] } }],
  ])('takes a backend for lost that sends %s', (problem, header, tensors) => {
    expect(check(header, tensors)).toThrow(problem);
  });
});
