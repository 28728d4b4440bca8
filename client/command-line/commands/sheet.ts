import type { Axis, AxisParameter } from '../../sdk/index.ts';
import { pictureFrom } from '../arguments.ts';
import { command } from '../command.ts';
import { addressOf, expectFree, fileOptions, formatOf, freeName, save, slug } from '../files.ts';
import { followed } from '../follow.ts';
import { schedulers } from '../names.ts';
import { choiceFrom, nameFrom, numberFrom, seedFrom, sizeFrom } from '../numbers.ts';
import { shown } from '../shown.ts';
import { UsageError } from '../troubles.ts';

const parameters = ['STEPS', 'GUIDANCE_SCALE', 'SCHEDULER', 'SEED', 'PROMPT', 'STRENGTH'] as const;

export const sheet = command({
  name: 'sheet',
  places: ['PROMPT'],
  summary: 'makes a grid of pictures over one or two parameters',
  about: `An axis is a parameter and its values: steps, guidance, scheduler, seed, prompt or strength. Values are put apart
by commas, prompts by |. Ctrl-C cancels the sheet on the server.`,
  example: `darkroom sheet "a castle" --x steps=10,20,30 --y seed=1,2,3 -o castles.png
darkroom sheet "a cat" --x "prompt=a cat|a dog|a fox" --seed 7 -o three.png`,
  options: {
    ...fileOptions,
    x: { type: 'string', value: 'NAME=A,B,…', help: 'from left to right' },
    y: { type: 'string', value: 'NAME=A,B,…', help: 'from top to bottom' },
    negative: { type: 'string', value: 'TEXT', help: 'what they are not to show' },
    seed: { type: 'string', value: 'N', help: 'of all of them (a random one)' },
    steps: { type: 'string', value: 'N', help: 'of all of them' },
    guidance: { type: 'string', value: 'X', help: 'of all of them' },
    scheduler: { type: 'string', value: 'NAME', help: 'of all of them' },
    size: { type: 'string', value: 'WxH', help: 'of each' },
    start: { type: 'string', value: 'FILE|KEY', help: 'a picture to start from' },
    checkpoint: { type: 'string', value: 'NAME', help: "which one (the server's default)" },
  },
  async run(call) {
    const { values, words, signal } = call;
    if (values.x === undefined) throw new UsageError('Name what changes from left to right: --x steps=10,20,30');
    const format = values.output === undefined ? 'png' : formatOf(values.output);
    const prompt = words[0]!;
    const file = values.output ?? (await freeName(slug(`sheet ${prompt}`), '.png', values.force));
    await expectFree([file], values.force);
    const base = {
      prompt,
      negativePrompt: values.negative,
      seed: seedFrom(values.seed),
      steps: numberFrom('steps', values.steps),
      guidanceScale: numberFrom('guidance', values.guidance),
      scheduler: choiceFrom('scheduler', values.scheduler, schedulers),
      checkpoint: values.checkpoint,
      ...sizeFrom(values.size),
      ...(values.start !== undefined && { start: { from: { image: await pictureFrom(values.start) } } }),
    };
    const input = { base, x: axisFrom('x', values.x), y: values.y === undefined ? null : axisFrom('y', values.y) };
    const darkroom = await call.darkroom();
    const made = await followed(darkroom.contactSheet(input as Parameters<typeof darkroom.contactSheet>[0]), call);
    const printed = await save(darkroom, [addressOf(made.image!, format)], [file], { values, signal });
    await shown(darkroom, made.image!.url, call);
    const { width, height } = made.image!;
    return { text: printed ?? `${file}  ${width}x${height}`, json: { ...made, files: [file] } };
  },
});

/** @throws UsageError */
function axisFrom(option: string, text: string): Axis {
  const equals = text.indexOf('=');
  const given = nameFrom(text.slice(0, Math.max(0, equals)));
  const name = given === 'GUIDANCE' ? 'GUIDANCE_SCALE' : given;
  const parameter: AxisParameter | undefined = parameters.find(known => known === name);
  if (!parameter) {
    throw new UsageError(
      `--${option} is ${JSON.stringify(text)}: expected a parameter and its values, such as steps=10,20,30. Parameters: ` +
        'steps, guidance, scheduler, seed, prompt, strength',
    );
  }
  const values = text.slice(equals + 1).split(parameter === 'PROMPT' ? '|' : ',');
  const named = values.map(value => value.trim());
  return {
    parameter,
    values: parameter === 'SCHEDULER' ? named.map(name => choiceFrom(option, name, schedulers)!) : named,
  };
}
