import { type SchedulerName, schedulerNames } from '../models/schedulers/names.ts';
import { type Axis, MOST_VALUES } from './contact-sheet-input.ts';
import type { AxisParameter } from './contact-sheet-service.ts';
import type { InputIssue } from './context.ts';
import type { GenerateInput } from './generate-input.ts';
import { parseSeed } from './scalars.ts';

export type AxisName = 'x' | 'y';

/** A value of an axis. Whether it is within its limits depends on the rest of the input. */
export interface AxisValue {
  /** Its place among the values that were given. */
  readonly index: number;
  /** The same for texts that mean the same. */
  readonly label: string;
  /** The input with this value in it. */
  readonly into: (input: GenerateInput) => GenerateInput;
}

/** What a text means. @throws Error whose message says why it means nothing */
type Reader = (text: string) => Omit<AxisValue, 'index'>;

const readers: Readonly<Record<AxisParameter, Reader>> = {
  STEPS: text => {
    const steps = number('steps', text, /^-?\d+$/, 'a whole number');
    return { label: String(steps), into: input => ({ ...input, steps }) };
  },
  GUIDANCE_SCALE: text => {
    const guidanceScale = number('guidanceScale', text, decimal, 'a number');
    return { label: String(guidanceScale), into: input => ({ ...input, guidanceScale }) };
  },
  SCHEDULER: text => {
    const scheduler = schedulerNames.find(name => name === text);
    if (!scheduler) throw new Error(`scheduler is ${shown(text)}: must be one of ${schedulerNames.join(', ')}`);
    return { label: scheduler, into: input => ({ ...input, scheduler: scheduler satisfies SchedulerName }) };
  },
  SEED: text => {
    const seed = parseSeed(text);
    return { label: String(seed), into: input => ({ ...input, seed }) };
  },
  PROMPT: text => ({ label: text, into: input => ({ ...input, prompt: text }) }),
  STRENGTH: text => {
    const strength = number('strength', text, decimal, 'a number');
    return {
      label: String(strength),
      into: input => ({ ...input, start: input.start && { ...input.start, strength } }),
    };
  },
};

/** Where in an input the value of a parameter is. */
export const placeOf: Readonly<Record<AxisParameter, readonly string[]>> = {
  STEPS: ['steps'],
  GUIDANCE_SCALE: ['guidanceScale'],
  SCHEDULER: ['scheduler'],
  SEED: ['seed'],
  PROMPT: ['prompt'],
  STRENGTH: ['start', 'strength'],
};

export interface ReadAxis {
  readonly parameter: AxisParameter;
  /** Those that mean something. */
  readonly values: readonly AxisValue[];
  readonly issues: readonly InputIssue[];
}

/** @param path of the axis */
export function readAxis({ parameter, values: texts }: Axis, path: readonly string[]): ReadAxis {
  const listed = [...path, 'values'];
  if (texts.length < 1 || texts.length > MOST_VALUES) {
    const message = `values has ${texts.length} entries: 1 to ${MOST_VALUES}`;
    return { parameter, values: [], issues: [{ path: listed, message }] };
  }
  const values: AxisValue[] = [];
  const issues: InputIssue[] = [];
  for (const [index, text] of texts.entries()) {
    const refuse = (message: string) => issues.push({ path: [...listed, String(index)], message });
    try {
      const value = readers[parameter](text);
      const same = values.find(({ label }) => label === value.label);
      if (same) refuse(`${shown(text)} is there already, as value ${same.index}`);
      else values.push({ index, ...value });
    } catch (error) {
      refuse((error as Error).message);
    }
  }
  return { parameter, values, issues };
}

const decimal = /^-?\d+(\.\d+)?$/;

function number(name: string, text: string, form: RegExp, rule: string): number {
  if (!form.test(text)) throw new Error(`${name} is ${shown(text)}: must be ${rule}`);
  // -0 is 0.
  return Number(text) + 0;
}

function shown(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
