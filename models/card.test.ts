import { expect, test } from 'vitest';
import { type Folder, inMemory, tinyConfigs, tinyFolder } from '../test/models/tiny-checkpoint.ts';
import { extraConfigs, withExtras } from '../test/models/tiny-extras.ts';
import { checkpointCard } from './card.ts';
import { CheckpointError } from './checkpoint/error.ts';
import { outlierMeasureName } from './outlier.ts';
import { StableDiffusionPipeline } from './pipeline.ts';

const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

async function card(folder: Folder) {
  const noSessions = { createSession: () => Promise.reject(new Error('a card needs no session')) };
  return checkpointCard(await StableDiffusionPipeline.load(inMemory(folder), noSessions), 'tiny');
}

test('a card says what the edge must know', async () => {
  const made = await card(tinyFolder());
  expect(made).toMatchObject({
    version: 1,
    name: 'tiny',
    latentShape: [3, 4, 4],
    latentScale: 2,
    scheduler: tinyConfigs.scheduler,
    discriminator: false,
    embedder: false,
    defaults: { width: 8, height: 8, steps: 20, guidanceScale: 7.5, scheduler: 'DDIM' },
    limits: { maxSteps: 1000, maxWidth: 32, maxHeight: 32, multipleOf: 2, maxCount: 16, maxClipSkip: 2 },
    vocabulary: null,
  });
  const files = [...tinyFolder().values()];
  expect(made.bytes).toBe(files.reduce((sum, { byteLength }) => sum + byteLength, 0));
  // Float32 weights and little else; the table of tokens is as large in memory as on disk.
  expect(made.memoryBytes! / made.parameterCount).toBe(4);
  expect(made.digest).toMatch(/^[0-9a-f]{64}$/);
  expect(made.parameterCount).toBeGreaterThan(5000);
  expect(made.schedulers).toContain('DDIM');
  expect(made.tokenizers).toMatchObject([{ maxLength: 5, eosToken: '<|endoftext|>' }]);
});

test('defaults and vocabulary are what the checkpoint says', async () => {
  const entries = [{ phrase: 'dog', kind: 'animal', also: ['puppy'] }];
  const folder = tinyFolder()
    .set('generation_config.json', json({ num_inference_steps: 7, guidance_scale: 2, width: 16 }))
    .set('vocabulary.json', json({ version: 1, entries }));
  expect(await card(folder)).toMatchObject({
    defaults: { width: 16, height: 8, steps: 7, guidanceScale: 2 },
    vocabulary: entries,
  });
});

test('an embedder and a discriminator are there where the folder has them', async () => {
  expect(await card(withExtras(tinyFolder()))).toMatchObject({
    discriminator: true,
    realFrom: 0.25,
    embedder: true,
    embedding: { size: 5, logitScale: 12.5 },
  });
  expect(await card(tinyFolder())).toMatchObject({ realFrom: null, embedding: null });
});

test('an embedder that was trained beside another text encoder is refused', async () => {
  const beside = (digest: string) =>
    withExtras(tinyFolder()).set('embedder/config.json', json({ ...extraConfigs.embedder, text_encoder: digest }));
  const own = await inMemory(tinyFolder()).sha256('text_encoder/model.safetensors');
  expect(await card(beside(own))).toMatchObject({ embedder: true });
  await expect(card(beside('0'.repeat(64)))).rejects.toThrow(
    `embedder/config.json: text_encoder: expected "${own}", the digest of text_encoder/model.safetensors`,
  );
});

const vaeFile = 'vae/diffusion_pytorch_model.safetensors';
const outliers = async (change: object = {}) => {
  const autoencoder = await inMemory(tinyFolder()).sha256(vaeFile);
  const file = { version: 1, measure: outlierMeasureName, autoencoder, threshold: 0.9, measures: [-0.5, 1, 1, 7] };
  return tinyFolder().set('outliers.json', json({ ...file, ...change }));
};

test('how far off held-out scenes are is what the checkpoint says, and the digest covers it', async () => {
  const made = await card(await outliers());
  expect(made.heldOut).toEqual({ threshold: 0.9, measures: [-0.5, 1, 1, 7] });
  const without = await card(tinyFolder());
  expect(without.heldOut).toBeNull();
  const other = await card(await outliers({ threshold: 0.95 }));
  expect(new Set([made, without, other].map(({ digest }) => digest)).size).toBe(3);
});

test.each([
  ['version', 2, '1, found 2'],
  ['measure', 'another', `"${outlierMeasureName}", found "another"`],
  ['measure', undefined, `"${outlierMeasureName}", found nothing`],
  ['autoencoder', '0'.repeat(64), `, the digest of ${vaeFile} (npm run outliers measures anew), found "000`],
  ['threshold', 2, 'a number from 0 to 1, found 2'],
  ['threshold', '0.9', 'a number from 0 to 1, found "0.9"'],
  ['measures', [], 'ascending numbers, at least one, found []'],
  ['measures', [2, 1], 'ascending numbers, at least one, found [2,1]'],
  ['measures', [1, null], 'ascending numbers, at least one, found [1,null]'],
  ['measures', { 0: 1 }, 'ascending numbers, at least one, found {"0":1}'],
])('outliers.json with another %s (%j) is refused', async (key, value, message) => {
  const making = card(await outliers({ [key]: value }));
  await expect(making).rejects.toThrow(CheckpointError);
  await expect(making).rejects.toThrow(`outliers.json: ${key}: expected`);
  await expect(making).rejects.toThrow(message);
});

test("a checkpoint's own scheduler that is not supported is not its default", async () => {
  const index = { ...tinyConfigs.index, scheduler: ['diffusers', 'SomeScheduler'] };
  const folder = tinyFolder().set('model_index.json', json(index));
  const { defaults, schedulers } = await card(folder);
  expect(schedulers).toContain(defaults.scheduler);
});

test.each([
  [100, 4, 800],
  [600, 4, 2048],
  // Decoded from 100 channels, of which a picture of 1638 x 1638 pixels fills a gigabyte.
  [600, 100, 1638],
  // Its own size it can always have.
  [900, 100, 1800],
])(
  'sides are bounded by the checkpoint’s own %d latent pixels and by the %d channels of the decoder',
  async (...given) => {
    const [size, channels, most] = given;
    const vae = { ...tinyConfigs.vae, block_out_channels: [4, channels] };
    const configs = { ...tinyConfigs, unet: { ...tinyConfigs.unet, sample_size: size }, vae };
    expect((await card(tinyFolder(configs))).limits).toMatchObject({ maxWidth: most, maxHeight: most });
  },
);

test.each([
  ['vocabulary.json', { version: 2, entries: [] }, 'vocabulary.json: version: expected 1, found 2'],
  ['vocabulary.json', { version: 1, entries: [{ phrase: 1 }] }, 'vocabulary.json: entries[0]: expected'],
  ['generation_config.json', { num_inference_steps: 0 }, 'num_inference_steps: expected a whole number'],
  ['generation_config.json', { scheduler: 'MAGIC' }, 'scheduler: expected "DDIM"'],
])('a malformed %s is an error that names the key', async (path, value, message) => {
  const making = card(tinyFolder().set(path, json(value)));
  await expect(making).rejects.toThrow(CheckpointError);
  await expect(making).rejects.toThrow(message);
});
