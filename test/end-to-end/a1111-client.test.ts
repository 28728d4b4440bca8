/** A published client of AUTOMATIC1111's web UI, unmodified, against the built worker and a real backend. */
import { StableDiffusionApi } from 'stable-diffusion-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { House } from './house.ts';

let house: House;
let client: StableDiffusionApi;

beforeAll(async () => {
  house = await House.build();
  client = new StableDiffusionApi({ baseUrl: house.url });
});
afterAll(() => house?.tearDown());

/** The client itself asks for 512 pixels where nothing is said. */
const size = { width: 16, height: 16 };
const ask = (more: Parameters<StableDiffusionApi['txt2img']>[0] = {}) =>
  client.txt2img({ prompt: 'a cat', ...size, ...more });

const post = (body: object) =>
  fetch(`${house.url}/sdapi/v1/txt2img`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ prompt: 'a cat', ...body }),
  });

describe('txt2img', () => {
  it('makes a picture of what the client sends of itself', async () => {
    const { image, info } = await ask({ seed: 5, steps: 4 });
    expect(await image!.metadata()).toMatchObject({ format: 'png', ...size });
    const said = JSON.parse(info);
    expect(said).toMatchObject({ seed: 5, all_seeds: [5], steps: 4, cfg_scale: 7, sampler_name: 'Euler a', ...size });
    expect(said.infotexts[0]).toMatch(/^a cat\nSteps: 4, Sampler: Euler a, CFG scale: 7, Seed: 5, Size: 16x16/);
  });

  it('makes the picture that GraphQL makes of the same', async () => {
    const { generation } = await house.generate({
      ...{ prompt: 'a dog', negativePrompt: 'a cat', seed: 7, steps: 3, guidanceScale: 2.5, scheduler: 'DPMPP_2M' },
      ...size,
      wait: 60_000,
    });
    const { images } = (await (
      await post({
        ...{ prompt: 'a dog', negative_prompt: 'a cat', seed: 7, steps: 3, cfg_scale: 2.5, sampler_name: 'DPM++ 2M' },
        ...size,
      })
    ).json()) as { images: string[] };
    const known = Buffer.from(await (await fetch(generation.images[0].png)).arrayBuffer());
    expect(Buffer.from(images[0]!, 'base64').equals(known)).toBe(true);
  });

  it('makes as many as were asked for, each with a seed of its own, drawn for -1', async () => {
    const { images, info } = await ask({ batch_size: 2, n_iter: 2, seed: -1, sampler_name: 'DDIM', eta: 0 });
    expect(images).toHaveLength(4);
    const { all_seeds: seeds } = JSON.parse(info);
    expect(seeds).toEqual([0, 1, 2, 3].map(index => seeds[0] + index));
  });

  it('takes a checkpoint for one request, by the title that it has in the list', async () => {
    const [model] = await client.getSdModels();
    const { info } = await ask({
      override_settings: { sd_model_checkpoint: model!.title, CLIP_stop_at_last_layers: 2 },
    });
    expect(JSON.parse(info)).toMatchObject({ sd_model_name: model!.model_name, clip_skip: 2 });
  });

  it.each([
    [{ enable_hr: true }, 'enable_hr'],
    [{ restore_faces: true }, 'restore_faces'],
    [{ tiling: true }, 'tiling'],
    [{ styles: ['painting'] }, 'styles'],
    [{ subseed_strength: 0.5 }, 'subseed_strength'],
    [{ s_churn: 1 }, 's_churn'],
    [{ script_name: 'X/Y/Z plot' }, 'script_name'],
    [{ alwayson_scripts: { ADetailer: { args: [true] } } }, 'alwayson_scripts'],
    [{ refiner_checkpoint: 'another' }, 'refiner_checkpoint'],
    [{ override_settings: { sd_vae: 'another' } }, 'override_settings.sd_vae'],
    [{ override_settings: { sd_model_checkpoint: 5 } }, 'override_settings.sd_model_checkpoint'],
    [{ override_settings_restore_afterwards: false }, 'override_settings_restore_afterwards'],
    [{ sampler_name: 'DPM adaptive' }, 'sampler_name'],
    [{ sampler_name: 'Euler', scheduler: 'Karras' }, 'scheduler'],
    [{ sampler_name: 'Euler a', eta: 0.5 }, 'eta'],
    [{ sampler_name: 'DDIM', eta: 2 }, 'eta'],
    [{ width: 4096 }, 'width'],
    [{ steps: 0 }, 'steps'],
    [{ cfg_scale: 'much' }, 'cfg_scale'],
    [{ batch_size: 100 }, 'batch_size'],
    [{ batch_size: 1.5 }, 'batch_size'],
    [{ seed: -2 }, 'seed'],
    [{ prompt: '' }, 'prompt'],
    [{ no_such_field: 1 }, 'no_such_field'],
  ])('refuses %j by its name', async (body, field) => {
    const response = await post(body);
    expect(response.status).toBe(422);
    const { detail, errors } = (await response.json()) as { detail: { loc: string[] }[]; errors: string };
    expect(detail.map(({ loc }) => loc.join('.'))).toEqual([`body.${field}`]);
    expect(errors).toContain(field);
  });

  it('refuses a checkpoint that there is not', async () => {
    const response = await post({ override_settings: { sd_model_checkpoint: 'another' } });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: 'NOT_FOUND', detail: expect.stringContaining('"another"') });
  });

  it('refuses pages of other origins', async () => {
    const response = await fetch(`${house.url}/sdapi/v1/txt2img`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: 'https://foreign.example' },
      body: '{"prompt":"a cat"}',
    });
    expect(response.status).toBe(403);
  });
});

describe('what it asks for besides', () => {
  it('is how far it is', async () => {
    expect(await client.getProgress()).toMatchObject({ progress: 0, state: { job_count: 0, sampling_step: 0 } });
    const making = ask({ steps: 900, batch_size: 2, prompt: 'a long way', sampler_name: 'DDIM', eta: 0 });
    await expect
      .poll(() => client.getProgress(), { timeout: 20_000 })
      .toMatchObject({ state: { job_count: 1, sampling_steps: 900 } });
    await expect.poll(async () => (await client.getProgress()).progress).toBeGreaterThan(0);
    await making;
    expect(await client.getProgress(true)).toMatchObject({ progress: 0, current_image: null, state: { job_count: 0 } });
  });

  it('is the checkpoint, which is nobody’s to change for others', async () => {
    const [model] = await client.getSdModels();
    expect(await client.getCurrentModel()).toBe(model!.title);
    await client.setOptions({ sd_model_checkpoint: model!.model_name });
    const refused = await client.setOptions({ sd_model_checkpoint: 'another' }).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      response: { status: 422, data: { detail: [{ loc: ['body', 'sd_model_checkpoint'] }] } },
    });
  });

  it('is the samplers, each of which can be asked for', async () => {
    const samplers = await client.getSamplers();
    expect(samplers.map(({ name }) => name)).toEqual(expect.arrayContaining(['DDIM', 'Euler a', 'DPM++ 2M Karras']));
    for (const { name } of samplers) expect((await ask({ sampler_name: name, steps: 4 })).images).toHaveLength(1);
    expect((await ask({ sampler_name: 'k_euler_a', steps: 2 })).images).toHaveLength(1);
  });

  it('is nothing that this server has not', async () => {
    const error = await client.getUpscalers().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ response: { status: 404, data: { error: 'NOT_FOUND' } } });
  });
});
