import type { Darkroom, GenerateInput, Generation, ReusePolicy } from '../../sdk/index.ts';
import { isKey, pictureFrom } from '../arguments.ts';
import { type Answer, type Call, command, type Values } from '../command.ts';
import { addressOf, expectFree, type Format, fileOptions, formatOf, namesOf, numbered, save } from '../files.ts';
import { followed } from '../follow.ts';
import { schedulers } from '../names.ts';
import { choiceFrom, countFrom, numberFrom, seedFrom, sizeFrom } from '../numbers.ts';
import { shown } from '../shown.ts';
import { UsageError } from '../troubles.ts';
import { warnings } from '../warnings.ts';

const options = {
  ...fileOptions,
  negative: { type: 'string', value: 'TEXT', help: 'what it is not to show' },
  seed: { type: 'string', value: 'N', help: 'what the noise is drawn from; image i has N + i (a random one)' },
  steps: { type: 'string', value: 'N', help: "denoising steps (the checkpoint's own)" },
  guidance: { type: 'string', value: 'X', help: "how strongly the prompt steers (the checkpoint's own)" },
  'guidance-rescale': { type: 'string', value: 'X', help: 'back to the contrast of the unguided image, 0 to 1 (0)' },
  scheduler: { type: 'string', value: 'NAME', help: "such as ddim, euler, dpmpp-2m (the checkpoint's own)" },
  eta: { type: 'string', value: 'X', help: "DDIM's η, 0 to 1 (0)" },
  'clip-skip': { type: 'string', value: 'N', help: "the text encoder's last layers to leave out" },
  size: { type: 'string', value: 'WxH', help: "pixels (the checkpoint's own)" },
  count: { type: 'string', short: 'n', value: 'N', help: 'how many images (1)' },
  start: { type: 'string', value: 'FILE|KEY', help: 'a picture or a latent to start from' },
  strength: { type: 'string', value: 'X', help: 'with --start: how much is done anew, 0 to 1 (0.7)' },
  reuse: { type: 'string', value: 'NAME', help: 'exact, approximate or none: what computed before may serve (exact)' },
  score: { type: 'boolean', help: 'have the discriminator score every image' },
  keep: { type: 'string', value: 'N', help: 'of --count, the best N by their score' },
  checkpoint: { type: 'string', value: 'NAME', help: "which one (the server's default)" },
  format: { type: 'string', value: 'NAME', help: "png, webp or jpeg, where no file's ending says so (png)" },
  detach: { type: 'boolean', help: 'print its id and do not wait' },
} as const;

export const generate = command({
  name: 'generate',
  places: ['PROMPT'],
  summary: 'makes pictures of a prompt',
  about: `Writes cat.png with -o cat.png, and cat-1.png, cat-2.png, … of several; without -o a file named after prompt and seed.
Ctrl-C cancels it on the server.`,
  example: `darkroom generate "a cat on a red background" -o cat.png
darkroom generate "a dog" --start cat.png --strength 0.6 --seed 7 --steps 30 -o dog.webp
darkroom generate "a fox" --count 8 --score --keep 2`,
  options,
  async run(call) {
    const { values, screen, signal } = call;
    const format = outputFormat(values);
    const input = await inputOf(call);
    const count = Math.min(input.count ?? 1, input.keep ?? Number.POSITIVE_INFINITY);
    if (values.output !== undefined) await expectFree(numbered(values.output, count), values.force);
    const darkroom = await call.darkroom(values.detach);
    const warn = ({ report }: Generation) => {
      for (const line of warnings(report)) screen.note(line);
    };
    if (values.detach) {
      const { accepted: soon } = darkroom.generate(input, { signal });
      const accepted = await soon;
      warn(accepted);
      return { text: accepted.id, json: accepted };
    }
    const generation = await followed(darkroom.generate(input), call, warn);
    await shown(darkroom, generation.images[0]?.url, call);
    return kept(darkroom, generation, format, call);
  },
});

/** A name is made for each before the server says how many it takes, which is less. */
const countable = [1, 1000] as const;

function outputFormat({ output, format, detach }: Values<typeof options>): Format {
  const named = choiceFrom('format', format, ['PNG', 'WEBP', 'JPEG'])?.toLowerCase() as Format | undefined;
  if (output !== undefined && detach) throw new UsageError('--detach does not wait for pictures: leave out -o');
  if (output === undefined || output === '-') return named ?? 'png';
  const own = formatOf(output);
  if (named && named !== own) throw new UsageError(`--format is ${named}, but ${output} is named as ${own}`);
  return own;
}

async function inputOf({ values, words }: Call<typeof options>): Promise<GenerateInput> {
  if (values.strength !== undefined && values.start === undefined) throw new UsageError('--strength goes with --start');
  const number = (name: 'steps' | 'guidance' | 'guidance-rescale' | 'eta' | 'clip-skip' | 'strength') =>
    numberFrom(name, values[name]);
  const strength = number('strength');
  return {
    prompt: words[0]!,
    negativePrompt: values.negative,
    seed: seedFrom(values.seed),
    steps: number('steps'),
    guidanceScale: number('guidance'),
    guidanceRescale: number('guidance-rescale'),
    eta: number('eta'),
    clipSkip: number('clip-skip'),
    count: countFrom('count', values.count, countable),
    keep: countFrom('keep', values.keep, countable),
    scheduler: choiceFrom('scheduler', values.scheduler, schedulers),
    reuse: choiceFrom('reuse', values.reuse, ['EXACT', 'APPROXIMATE', 'NONE'] satisfies ReusePolicy[]),
    score: values.score,
    checkpoint: values.checkpoint,
    ...sizeFrom(values.size),
    ...(values.start !== undefined && {
      start: { from: await startOf(values.start), ...(strength !== undefined && { strength }) },
    }),
  } as GenerateInput;
}

/** A latent is taken as it is, not decoded and encoded again. */
async function startOf(word: string): Promise<NonNullable<GenerateInput['start']>['from']> {
  return isKey(word) ? { latentKey: word } : { image: await pictureFrom(word) };
}

async function kept(
  darkroom: Darkroom,
  generation: Generation,
  format: Format,
  call: Call<typeof options>,
): Promise<Answer> {
  const { images, prompt } = generation;
  const { output, force } = call.values;
  const ending = format === 'jpeg' ? '.jpg' : `.${format}`;
  const seeds = images.map(({ seed }) => String(seed));
  const files = output === undefined ? await namesOf(prompt, seeds, ending, force) : numbered(output, images.length);
  const urls = images.map(image => addressOf(image, format));
  const printed = await save(darkroom, urls, files, call);
  const lines = images.map(({ seed, score }, i) => {
    const scored = score ? `, score ${score.score.toFixed(2)}` : '';
    return `${files[i]}  seed ${seed}${scored}`;
  });
  return { text: printed ?? lines.join('\n'), json: { ...generation, files } };
}
