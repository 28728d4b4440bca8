/**
 * Compares Darkroom's pictures with those of diffusers: see `--help`.
 */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { checkpointFiles } from '../gpu-backend/checkpoint-files.ts';
import { vocabularyOf } from '../models/card.ts';
import { CheckpointError } from '../models/checkpoint/error.ts';
import { openCheckpoint } from '../models/checkpoint/folder.ts';
import type { SchedulerName } from '../models/schedulers/names.ts';
import { UnsupportedError } from '../models/unsupported.ts';
import { compareRun } from './parity/compare-run.ts';
import { parityPrompts } from './parity/prompts.ts';
import type { ParityRequest, ParitySettings, ParityStart } from './parity/request.ts';
import { namesOf, schedulersOf } from './parity/schedulers.ts';
import { type OwnSettings, ownSettings } from './parity/settings.ts';
import { withPython } from './python-environment.ts';

const help = `npm run parity [-- FOLDER] [--schedulers NAMES] [--prompts N] [--steps N] [--guidance G] [--width W]
                         [--height H] [--seed S] [--start PNG [--strength S]]

Loads the checkpoint in FOLDER (default: models/shipped) with Darkroom and with diffusers (PyPI, CPU, float32), makes the
same pictures with both and compares every byte: they are the same within 1, with at most 0.5 % of them different. Where
they are not, diffusers makes the picture once more in float64, and the latent may be at most twice as far from that one's
as diffusers' own in float32; that may be so of 5 % of the pictures.

  --schedulers   e.g. ddim,euler,dpmpp_2m_karras, diffusers' classes, or all (default: the checkpoint's own); each
                 makes all the pictures
  --prompts      how many (default: 20); half of them name things of the checkpoint's vocabulary, where it has one
  --seed         of the first prompt, and then counting up (default: 0)
  --start        image to image from that picture, as diffusers has it, at --strength (default: 0.7)

Steps, guidance and size are the checkpoint's own unless given. Makes its own Python environment. Prints a line for each
picture that is not the same, a table by scheduler, and "N passed, N failed"; the exit code is 1 unless all is as said.`;

const options = {
  help: { type: 'boolean', short: 'h' },
  schedulers: { type: 'string' },
  prompts: { type: 'string' },
  steps: { type: 'string' },
  guidance: { type: 'string' },
  width: { type: 'string' },
  height: { type: 'string' },
  seed: { type: 'string' },
  start: { type: 'string' },
  strength: { type: 'string' },
} as const;

/** Arguments that make no sense, in one line. */
class UsageError extends Error {}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options });
  if (values.help) {
    console.log(help);
    return;
  }
  if (positionals.length > 1) throw new UsageError(`one folder at a time, not ${positionals.length}`);
  const folder = resolve(positionals[0] ?? fileURLToPath(new URL('../models/shipped', import.meta.url)));
  const own = await ownSettings(folder);
  if (!own) throw new UsageError(`${folder}: no checkpoint, model_index.json is missing`);
  const schedulers = schedulersFrom(values.schedulers, own);
  const settings: ParitySettings = {
    folder,
    steps: numberOf(values.steps, own.steps, 'steps', 1),
    guidanceScale: numberOf(values.guidance, own.guidanceScale, 'guidance', 0),
    width: numberOf(values.width, own.width, 'width', 1),
    height: numberOf(values.height, own.height, 'height', 1),
    scheduler: own.scheduler,
    start: startOf(values.start, values.strength),
  };
  const count = numberOf(values.prompts, 20, 'prompts', 1);
  const firstSeed = numberOf(values.seed, 0, 'seed', 0);
  const prompts = parityPrompts(await vocabularyOf(await openCheckpoint(checkpointFiles(folder))), count);
  const requests: ParityRequest[] = schedulers.flatMap(scheduler =>
    prompts.map((prompt, i) => ({ ...prompt, seed: firstSeed + i, scheduler })),
  );
  await withPython(async python => {
    const { steps, guidanceScale, width, height, start } = settings;
    const from = start ? `, from ${start.file} at strength ${start.strength}` : '';
    console.log(`${folder}: ${steps} steps, guidance ${guidanceScale}, ${width}×${height}${from}`);
    console.log(`${count} prompts with ${namesOf(schedulers)}\n`);
    return (await compareRun(python, settings, requests)) ? 0 : 1;
  });
}

function schedulersFrom(text: string | undefined, own: OwnSettings): readonly SchedulerName[] {
  if (text === undefined) return [own.scheduler];
  const found = schedulersOf(text, own.schedulers);
  if (!found) throw new UsageError(`--schedulers ${text}: expected some of ${namesOf(own.schedulers)}, or all`);
  return found;
}

function startOf(file: string | undefined, strength: string | undefined): ParityStart | null {
  if (file !== undefined) return { file: resolve(file), strength: numberOf(strength, 0.7, 'strength', 0) };
  if (strength === undefined) return null;
  throw new UsageError('--strength is of a --start, and there is none');
}

function numberOf(text: string | undefined, byDefault: number, name: string, least: number): number {
  const value = text === undefined ? byDefault : Number(text);
  const whole = ['guidance', 'strength'].includes(name) || Number.isSafeInteger(value);
  if (!(value >= least) || !whole)
    throw new UsageError(`--${name} ${text ?? value}: expected a number from ${least} on`);
  return value;
}

try {
  await main();
} catch (error) {
  const { code, message } = error as { code?: string; message: string };
  if (error instanceof UsageError || code?.startsWith('ERR_PARSE_ARGS')) {
    console.error(`${message}\n\n${help}`);
    process.exitCode = 2;
  } else if (error instanceof CheckpointError || error instanceof UnsupportedError || error instanceof RangeError) {
    console.error(message);
    process.exitCode = 1;
  } else throw error;
}
