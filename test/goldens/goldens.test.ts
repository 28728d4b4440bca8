import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { headerLength, parseHeader } from '../../models/checkpoint/safetensors.ts';
import { formatReport } from './format-report.ts';
import { runGoldens } from './run-goldens.ts';

const data = fileURLToPath(new URL('data', import.meta.url));
const temporary: string[] = [];

/** A copy of some of the data that a test may spoil. */
function copyOf(...parts: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'darkroom-goldens-'));
  temporary.push(folder);
  for (const part of parts) cpSync(join(data, part), join(folder, part), { recursive: true });
  return folder;
}

/** Overwrites the first number of a float32 tensor. */
function spoil(path: string, tensor: string, value: number): void {
  const file = readFileSync(path);
  const { tensors } = parseHeader(file.subarray(8, 8 + headerLength(file, file.length)), file.length);
  file.writeFloatLE(value, tensors.get(tensor)!.begin);
  writeFileSync(path, file);
}

afterAll(() => {
  for (const folder of temporary) rmSync(folder, { recursive: true });
});

describe('the project’s own goldens', () => {
  it('all pass, and none is left out', async () => {
    const report = await runGoldens(data);
    expect(report.counts, formatReport(report)).toMatchObject({ failed: 0, skipped: 0 });
    expect(report.counts.passed).toBeGreaterThan(300);
  });

  it('say so in a table and a last line', async () => {
    const text = formatReport(await runGoldens(copyOf('randn')));
    expect(text).toMatch(/^ +passed +failed +skipped +worst error +tolerance +where$/m);
    expect(text).toMatch(/^randn, 16 and more +\d+ +\S+ +5\.0e-6 +randn\/randn\.json r\d+$/m);
    expect(text).toMatch(/\n\d+ passed, 0 failed, 0 skipped$/);
  });

  it('fail when one number is wrong', async () => {
    const folder = copyOf('schedulers');
    spoil(join(folder, 'schedulers/ddim.safetensors'), '000.traj', 0.5);
    const report = await runGoldens(folder);
    expect(report.counts.failed).toBe(1);
    expect(formatReport(report)).toMatch(
      /DDIMScheduler latents: schedulers\/ddim\.json \d+: error .*, at most 5\.0e-5 allowed/,
    );
  });

  it('fail when a number is not a number', async () => {
    const folder = copyOf('randn');
    spoil(join(folder, 'randn/randn.safetensors'), 'r00', Number.NaN);
    expect((await runGoldens(folder)).counts.failed).toBe(1);
  });

  it('fail, and go on, when a file is broken or missing', async () => {
    const folder = copyOf('randn', 'schedulers', 'components');
    truncateSync(join(folder, 'randn/randn.safetensors'), 100);
    const report = await runGoldens(folder);
    expect(report.failures.map(({ message }) => message)).toEqual([
      expect.stringContaining('randn/randn.safetensors: not a safetensors file'),
      ...['discriminator', 'embedder', 'preview_decoder', 'text_encoder', 'unet', 'vae'].map(
        part => `checkpoints/v-tiny/${part}/config.json: no such file`,
      ),
    ]);
    expect(report.counts.passed).toBeGreaterThan(100);
  });

  it('name what is not supported', async () => {
    const folder = copyOf('schedulers');
    const path = join(folder, 'schedulers/ddim.json');
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll('DDIMScheduler', 'NewestScheduler'));
    const report = await runGoldens(folder);
    expect(report.counts).toMatchObject({ failed: 0, skipped: 49 });
    expect(formatReport(report)).toMatch(/Not supported yet:\n {2}scheduler NewestScheduler: \d+ scheduler runs/);
  });

  it('name a network that is another one, and say what is wrong where it is not', async () => {
    const folder = copyOf('checkpoints', 'pipelines', 'components');
    const path = join(folder, 'checkpoints/v-tiny/unet/config.json');
    const config = JSON.parse(readFileSync(path, 'utf8')) as object;
    writeFileSync(path, JSON.stringify({ ...config, act_fn: 'mish' }));
    const text = formatReport(await runGoldens(folder));
    expect(text).toMatch(/UNet2DConditionModel with act_fn "mish": 1 components/);
    expect(text).toMatch(/StableDiffusionPipeline: unet\/config\.json with act_fn "mish": 1 pipeline runs/);
    writeFileSync(path, JSON.stringify({ ...config, norm_num_groups: 5 }));
    const { failures } = await runGoldens(folder);
    expect(failures.map(({ message }) => message)).toContain(
      'unet/config.json: norm_num_groups: expected a divisor of 8, found 5',
    );
  });

  it('name an argument of a run that is not compared', async () => {
    const folder = copyOf('checkpoints', 'img2img');
    const path = join(folder, 'img2img/v-tiny/index.json');
    const index = JSON.parse(readFileSync(path, 'utf8')) as { runs: object[] };
    const all = `${index.runs.length} image-to-image runs`;
    const write = (change: object) =>
      writeFileSync(path, JSON.stringify({ ...index, runs: index.runs.map(run => ({ ...run, ...change })) }));
    write({ denoising_start: 0.5 });
    expect(formatReport(await runGoldens(folder))).toContain(`pipeline argument denoising_start: ${all}`);
    write({ extra_call_args: { something_new: 1 }, about: 'a note' });
    expect(formatReport(await runGoldens(folder))).toContain(`pipeline argument something_new: ${all}`);
    write({ extra_call_args: { clip_skip: 1 }, about: 'a note' });
    expect((await runGoldens(folder)).counts.failed).toBeGreaterThan(0);
  });

  it('are not there: one clear error', async () => {
    await expect(runGoldens(join(data, 'nowhere'))).rejects.toThrow(/nowhere: no such folder$/);
  });
});
