/**
 * Compares Darkroom's pictures with those of diffusers: see `--help`.
 */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { checkpointFiles } from '../gpu-backend/checkpoint-files.ts';
import { CheckpointError } from '../models/checkpoint/error.ts';
import { openCheckpoint } from '../models/checkpoint/folder.ts';
import { schedulerClasses } from '../models/schedulers/create.ts';
import { compareBytes, isSamePicture } from './parity/compare-bytes.ts';
import { darkroomPictures } from './parity/darkroom-pictures.ts';
import { diffusersPictures } from './parity/diffusers-pictures.ts';
import { parityPrompts } from './parity/prompts.ts';
import type { ParityRequest, ParitySettings, ParityStart } from './parity/request.ts';
import { ownSettings } from './parity/settings.ts';
import { withPython } from './python-environment.ts';

const help = `npm run parity [-- FOLDER] [--prompts N] [--steps N] [--guidance G] [--width W] [--height H] [--seed S]
                         [--scheduler CLASS] [--start PNG [--strength S]]

Loads the checkpoint in FOLDER (default: models/shipped) with Darkroom and with diffusers (PyPI, CPU, float32), makes the
same pictures with both and compares every byte: within 1, and at most 0.5 % of them different. Steps, guidance and size
are the checkpoint's own unless given; there are 20 prompts, and seeds count up from S (default 0). With --start every
picture starts from the one in that file, as diffusers' image to image has it (strength 0.7). Makes its own Python
environment. Ends with "N passed, N failed"; the exit code is 1 unless 95 % passed.`;

const options = {
  help: { type: 'boolean', short: 'h' },
  prompts: { type: 'string' },
  steps: { type: 'string' },
  guidance: { type: 'string' },
  width: { type: 'string' },
  height: { type: 'string' },
  seed: { type: 'string' },
  scheduler: { type: 'string' },
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
  const folder = resolve(positionals[0] ?? fileURLToPath(new URL('../models/shipped', import.meta.url)));
  const count = numberOf(values.prompts, parityPrompts.length, 'prompts', 1);
  const firstSeed = numberOf(values.seed, 0, 'seed', 0);
  const requests = Array.from({ length: count }, (_, i) => ({
    ...parityPrompts[i % parityPrompts.length]!,
    seed: firstSeed + i,
  }));
  const own = ownSettings(folder);
  if (!own) throw new UsageError(`${folder}: no checkpoint, model_index.json is missing`);
  const settings = {
    folder,
    steps: numberOf(values.steps, own.steps, 'steps', 1),
    guidanceScale: numberOf(values.guidance, own.guidanceScale, 'guidance', 0),
    width: numberOf(values.width, own.width, 'width', 1),
    height: numberOf(values.height, own.height, 'height', 1),
    scheduler: schedulerOf(values.scheduler, own.scheduler),
    start: startOf(values.start, values.strength),
  };
  // What Darkroom cannot run is no comparison: say so before Python starts.
  await openCheckpoint(checkpointFiles(folder));
  await withPython(async python => {
    const { folder: shown, steps, guidanceScale, width, height, scheduler, start } = settings;
    const from = start ? `, from ${start.file} at strength ${start.strength}` : '';
    console.log(`${shown}: ${scheduler}, ${steps} steps, guidance ${guidanceScale}, ${width}×${height}${from}\n`);
    const reference = await diffusersPictures(python, settings, requests);
    return compare(settings, requests, reference);
  });
}

/** Prints a line a picture. @returns the exit code */
async function compare(
  settings: ParitySettings,
  requests: readonly ParityRequest[],
  reference: readonly Uint8Array[],
): Promise<number> {
  console.log('      seed  largest difference  bytes different  prompt');
  let [passed, failed] = [0, 0];
  for await (const picture of darkroomPictures(settings, requests)) {
    const { prompt, negativePrompt, seed } = requests[passed + failed]!;
    const difference = compareBytes(picture, reference[passed + failed]!);
    const same = isSamePicture(difference);
    if (same) passed++;
    else failed++;
    const cells = [
      String(seed).padStart(4),
      String(difference.largest).padStart(18),
      percent(difference.share).padStart(15),
    ];
    console.log(
      `${same ? 'same' : 'OFF '}  ${cells.join('  ')}  ${prompt}${negativePrompt && ` (not: ${negativePrompt})`}`,
    );
  }
  console.log(`\n${passed} passed, ${failed} failed`);
  return passed / requests.length >= 0.95 ? 0 : 1;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(3)} %`;
}

function schedulerOf(name: string | undefined, byDefault: string): string {
  if (name === undefined || schedulerClasses.includes(name)) return name ?? byDefault;
  throw new UsageError(`--scheduler ${name}: expected one of ${schedulerClasses.join(', ')}`);
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
  } else if (error instanceof CheckpointError || error instanceof RangeError) {
    console.error(message);
    process.exitCode = 1;
  } else throw error;
}
