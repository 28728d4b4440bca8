/** `POST /sdapi/v1/txt2img`. */
import { findCheckpoint } from '../../../schema/checkpoint.ts';
import type { GenerationState, MadeImageState, Services } from '../../../schema/context.ts';
import { nodeId } from '../../../schema/node.ts';
import { parametersText } from '../../images/picture-texts.ts';
import { samplerName } from '../../images/sampler-names.ts';
import { faultOf } from '../fault.ts';
import { callerOf, createGeneration, succeeded } from '../generation-of-request.ts';
import { held } from '../held-answer.ts';
import { readJsonBody } from '../json-body.ts';
import type { RestRequest } from '../rest-request.ts';
import { a1111ErrorResponse } from './error.ts';
import { fieldNames } from './fields.ts';
import { checkpointOf, readTxt2Img } from './txt2img-request.ts';

/** @throws InputError, PromptError, RequestError, RetryLater, Unanswerable before there is a generation */
export async function txt2img(rest: RestRequest): Promise<Response> {
  const { services } = rest;
  const body = await readJsonBody(rest.request);
  const card = await findCheckpoint(services.checkpoints, checkpointOf(body));
  const { values, sendsImages } = readTxt2Img(body, card);
  const created = await createGeneration(values, rest);
  const headers = { 'X-Request-Id': nodeId('Generation', created.id) };
  const caller = callerOf(created.id, rest);
  const answer = succeeded(created, services.generations, caller.gone)
    .then(async state => {
      const images = sendsImages ? await filesOf(state.images, services.images) : [];
      return Response.json({ images, parameters: body, info: JSON.stringify(infoOf(state)) }, { headers });
    })
    .catch(error => a1111ErrorResponse(faultOf(error, fieldNames, rest.url.pathname), headers));
  return held(answer, headers, caller.leave);
}

/** PNG files in base64. */
function filesOf(images: readonly MadeImageState[], service: Services['images']): Promise<string[]> {
  return Promise.all(
    images.map(async image => {
      const uri = await service.dataUri(image, 'PNG');
      return uri.slice(uri.indexOf(',') + 1);
    }),
  );
}

/** What programs read of the web UI's `info`. */
function infoOf(state: GenerationState) {
  const { prompt, negativePrompt, parameters, images, record, createdAt } = state;
  const each = <Value>(value: Value): Value[] => images.map(() => value);
  const seeds = images.map(image => image.seed);
  return {
    prompt,
    all_prompts: each(prompt),
    negative_prompt: negativePrompt,
    all_negative_prompts: each(negativePrompt),
    seed: parameters.seed,
    all_seeds: seeds,
    subseed: parameters.seed,
    all_subseeds: seeds,
    subseed_strength: 0,
    width: parameters.width,
    height: parameters.height,
    sampler_name: samplerName(parameters.scheduler),
    cfg_scale: parameters.guidanceScale,
    steps: parameters.steps,
    batch_size: images.length,
    restore_faces: false,
    face_restoration_model: null,
    sd_model_name: parameters.checkpoint,
    sd_model_hash: record?.checkpointDigest.slice(0, 10) ?? null,
    seed_resize_from_w: -1,
    seed_resize_from_h: -1,
    denoising_strength: null,
    extra_generation_params: {},
    index_of_first_image: 0,
    infotexts: images.map(image => parametersText(state, image)),
    styles: [],
    job_timestamp: createdAt.replaceAll(/\D/g, '').slice(0, 14),
    clip_skip: (parameters.clipSkip ?? 0) + 1,
  };
}
