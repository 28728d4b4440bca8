import { describe, expect, it } from 'vitest';
import { PlanError, parsePlan } from './parse-plan.ts';

const denoise = {
  stage: 'DENOISE',
  seeds: [7, 2 ** 32 - 1],
  width: 128,
  height: 128,
  steps: 20,
  guidanceScale: 7.5,
  guidanceRescale: 0,
  eta: 0,
  scheduler: { _class_name: 'DDIMScheduler', beta_start: 0.00085, trained_betas: null, timesteps: [1, 2] },
};
const plan = {
  version: 1,
  checkpoint: 'a'.repeat(64),
  stages: [
    { stage: 'TEXT_ENCODE', tokenIds: [[0, 5, 1]], negativeTokenIds: [[0, 1, 1]], clipSkip: null },
    denoise,
    { stage: 'DECODE' },
  ],
  returns: ['latent', 'pixels'],
};
const withDenoise = (change: object) => ({ ...plan, stages: [{ ...denoise, ...change }] });

describe('parsePlan', () => {
  it('reads a plan as it was written', () => {
    expect(parsePlan(JSON.parse(JSON.stringify(plan)))).toEqual(plan);
  });

  it('reads where to start, what sizes to tell, and that there is no negative prompt', () => {
    const sizes = { originalSize: [1024, 768], cropTopLeft: [0, 8], targetSize: null };
    const sdxl = withDenoise({ start: { strength: 0.7 }, sizes });
    expect(parsePlan(sdxl)).toEqual(sdxl);
    expect(parsePlan(withDenoise({ start: null, sizes: null }))).toEqual(withDenoise({ start: null, sizes: null }));
    const own = withDenoise({ resumeAt: 5, resumeDraws: 6, keepAt: [7], checkpointEvery: 5, preview: true });
    expect(parsePlan(own)).toEqual(own);
    const encode = { ...plan, stages: [{ stage: 'IMAGE_ENCODE' }] };
    expect(parsePlan(encode)).toEqual(encode);
    const unasked = { stage: 'TEXT_ENCODE', tokenIds: [[0], [0]], negativeTokenIds: [], clipSkip: null };
    expect(parsePlan({ ...plan, stages: [unasked] }).stages).toEqual([unasked]);
    const extras = { ...plan, stages: [{ stage: 'EMBED', texts: [[[0, 1], [2]], [[3]]] }, { stage: 'SCORE' }] };
    expect(parsePlan(extras)).toEqual(extras);
  });

  const refused: [unknown, string][] = [
    [null, 'the plan is not an object'],
    [[], 'the plan is not an object'],
    ['DENOISE', 'the plan is not an object'],
    [{ ...plan, version: 2 }, 'version is not 1'],
    [{ ...plan, hurry: true }, 'has the unknown field "hurry"'],
    [{ ...plan, checkpoint: 'A'.repeat(64) }, 'checkpoint is not a SHA-256'],
    [{ ...plan, stages: [] }, 'stages is not a list of 1 to 8'],
    [{ ...plan, stages: { length: 1 } }, 'stages is not a list'],
    [{ ...plan, stages: [{ stage: 'PAINT' }] }, 'stages[0].stage is not one of'],
    [{ ...plan, stages: [{ stage: 'IMAGE_ENCODE', image: 'x' }] }, 'stages[0] has the unknown field "image"'],
    [{ ...plan, stages: [{ stage: 'DECODE' }, { stage: 'DECODE' }] }, 'stages hold DECODE more than once'],
    [{ ...plan, stages: [{ stage: 'EMBED' }] }, 'stages[0].texts is missing'],
    [{ ...plan, stages: [{ stage: 'EMBED', texts: Array(257).fill([[0]]) }] }, 'texts is not a list of 0 to 256'],
    [{ ...plan, stages: [{ stage: 'EMBED', texts: [[]] }] }, 'stages[0].texts[0] is not a list of 1 to 4'],
    [{ ...plan, stages: [{ stage: 'EMBED', texts: [[[0.5]]] }] }, 'stages[0].texts[0][0][0] is not an integer'],
    [{ ...plan, stages: [{ stage: 'SCORE', of: 'x' }] }, 'stages[0] has the unknown field "of"'],
    [{ ...plan, returns: ['constructor'] }, 'returns[0] is not the name of a tensor'],
    [{ ...plan, returns: ['__proto__'] }, 'returns[0] is not the name of a tensor'],
    [withDenoise({ steps: 100_000 }), 'stages[0].steps is not an integer from 1 to 1000'],
    [withDenoise({ steps: 1.5 }), 'stages[0].steps is not an integer'],
    [withDenoise({ steps: '20' }), 'stages[0].steps is not an integer'],
    [withDenoise({ width: 100_001 }), 'stages[0].width is not an integer from 8 to 4096'],
    [withDenoise({ width: 4096, height: 4096 }), 'asks for 33554432 pixels'],
    [withDenoise({ seeds: Array(65).fill(0) }), 'stages[0].seeds is not a list of 1 to 64'],
    [withDenoise({ seeds: [-1] }), 'stages[0].seeds[0] is not an integer'],
    [withDenoise({ seeds: [2 ** 32] }), 'stages[0].seeds[0] is not an integer'],
    [withDenoise({ guidanceScale: Number.NaN }), 'stages[0].guidanceScale is not a number'],
    [withDenoise({ eta: undefined }), 'stages[0].eta is not a number'],
    [withDenoise({ start: { strength: 1.5 } }), 'stages[0].start.strength is not a number from 0 to 1'],
    [withDenoise({ start: {} }), 'stages[0].start.strength is missing'],
    [withDenoise({ sizes: { originalSize: null, cropTopLeft: null } }), 'stages[0].sizes.targetSize is missing'],
    [
      withDenoise({ sizes: { originalSize: [0, 8], cropTopLeft: null, targetSize: null } }),
      'stages[0].sizes.originalSize[0] is not an integer from 1',
    ],
    [withDenoise({ resumeAt: 0 }), 'stages[0].resumeAt'],
    [withDenoise({ resumeDraws: 0 }), 'stages[0].resumeDraws is not an integer from 1'],
    [withDenoise({ checkpointEvery: 0 }), 'stages[0].checkpointEvery is not an integer from 1'],
    [withDenoise({ preview: 1 }), 'stages[0].preview is not true or false'],
    [withDenoise({ keepAt: [1.5] }), 'stages[0].keepAt[0] is not an integer'],
    [withDenoise({ keepAt: Array(9).fill(1) }), 'stages[0].keepAt'],
    [withDenoise({ scheduler: {} }), 'stages[0].scheduler._class_name is missing'],
    [withDenoise({ scheduler: { _class_name: 'X', nested: {} } }), 'stages[0].scheduler.nested is not a text'],
    [withDenoise({ scheduler: { _class_name: 'X', constructor: 1 } }), 'stages[0].scheduler has a key that is no name'],
    [JSON.parse('{"version":1,"__proto__":{"checkpoint":"x"}}'), 'has the unknown field "__proto__"'],
    [
      { ...plan, stages: [{ stage: 'TEXT_ENCODE', tokenIds: [[0.5]], negativeTokenIds: null, clipSkip: null }] },
      'stages[0].tokenIds[0][0] is not an integer',
    ],
  ];
  it.each(refused)('refuses %j', (value, problem) => {
    expect(() => parsePlan(value)).toThrow(PlanError);
    expect(() => parsePlan(value)).toThrow(problem);
  });

  it('does not take fields from a prototype', () => {
    expect(() => parsePlan(Object.create(plan))).toThrow('version is missing');
  });

  it('refuses a __proto__ in the scheduler config', () => {
    const text = JSON.stringify(withDenoise({})).replace('"beta_start"', '"__proto__"');
    expect(() => parsePlan(JSON.parse(text))).toThrow('has a key that is no name of a setting');
  });
});
