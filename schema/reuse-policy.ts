import { builder } from './builder.ts';

export const ReusePolicyType = builder.enumType('ReusePolicy', {
  description: 'What may be used again of what was computed before.',
  values: {
    NONE: { value: 'NONE', description: 'Nothing: everything is computed.' },
    EXACT: { value: 'EXACT', description: 'What is the same to the byte.' },
    APPROXIMATE: {
      value: 'APPROXIMATE',
      description:
        'Beside that, the first steps of a similar prompt: an image may begin where another one was, at most half-way through, and `reuse` says where. The result is not quite what computing everything gives. With a seed only steps from the same seed serve; without one those of any other, whose seed is then told, and asking again still gives other images. Where the scheduler draws noise, or calls the model more than once a step (PNDM, HEUN), or with a `start`, it is as EXACT.',
    },
  } as const,
});
