import { builder } from './builder.ts';
import type { AxisParameter } from './contact-sheet-service.ts';
import { GenerateInputType, MAX_WAIT_MS } from './generate-input.ts';
import { MOST_KEY_CHARACTERS } from './idempotency.ts';

/** Of an axis. */
export const MOST_VALUES = 16;
/** Of a sheet. */
export const MOST_CELLS = 100;

const parameter = (value: AxisParameter, description: string) => ({ value, description });

const AxisParameterType = builder.enumType('AxisParameter', {
  description: 'What changes along an axis of a contact sheet.',
  values: {
    STEPS: parameter('STEPS', 'The number of denoising steps: `"20"`.'),
    GUIDANCE_SCALE: parameter('GUIDANCE_SCALE', 'How strongly the prompt steers: `"7.5"`.'),
    SCHEDULER: parameter('SCHEDULER', 'The scheduler, by its name: `"DDIM"`.'),
    SEED: parameter('SEED', 'What the noise is drawn from: `"42"`.'),
    PROMPT: parameter('PROMPT', 'What the picture is to show: `"a castle on a blue background"`.'),
    STRENGTH: parameter('STRENGTH', 'With `base.start`: how much of the start is done anew, `"0.7"`.'),
  },
});

const AxisType = builder.inputType('Axis', {
  description: 'One axis of a contact sheet.',
  fields: t => ({
    parameter: t.field({ type: AxisParameterType, required: true, description: 'What changes along it.' }),
    values: t.stringList({
      required: true,
      description: `What it is in turn, as text: 1 to ${MOST_VALUES} values, no two the same. They take the place of what \`base\` says.`,
    }),
  }),
});

export type Axis = typeof AxisType.$inferInput;

export const ContactSheetInputType = builder.inputType('ContactSheetInput', {
  description: `What to make: one generation for each pair of values, ${MOST_CELLS} at most.`,
  fields: t => ({
    base: t.field({
      type: GenerateInputType,
      required: true,
      description:
        'What all of them have in common. `count` is 1; `keep`, `wait`, `webhook` and `idempotencyKey` are refused. A `seed` that is not given is drawn once, for all of them.',
    }),
    x: t.field({ type: AxisType, required: true, description: 'From left to right: a column for each value.' }),
    y: t.field({
      type: AxisType,
      description: 'From top to bottom: a row for each value, of another parameter than `x`. One row when absent.',
    }),
    wait: t.int({
      description: `How long to wait for the end, 0 to ${MAX_WAIT_MS} milliseconds. Default 0: answers at once.`,
    }),
    idempotencyKey: t.string({
      description: `As in GenerateInput, 1 to ${MOST_KEY_CHARACTERS} characters: for 24 hours the same key with the same input (\`wait\` aside) answers with the same sheet. Keys of generations are others.`,
    }),
  }),
});

export type ContactSheetInput = typeof ContactSheetInputType.$inferInput;
