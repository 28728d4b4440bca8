/** What AUTOMATIC1111's own clients ask for, as far as it is about making pictures of texts. */
import { findCheckpoint } from '../../../schema/checkpoint.ts';
import { faultOf, Unanswerable } from '../fault.ts';
import { readJsonBody } from '../json-body.ts';
import type { RestRequest } from '../rest-request.ts';
import { sdModels } from './checkpoint-title.ts';
import { a1111ErrorResponse } from './error.ts';
import { fieldNames } from './fields.ts';
import { options, setOptions } from './options.ts';
import { progress } from './progress.ts';
import { samplersOf, schedules } from './samplers.ts';
import { txt2img } from './txt2img.ts';

export async function a1111Route(rest: RestRequest): Promise<Response> {
  try {
    return await routed(rest);
  } catch (error) {
    return a1111ErrorResponse(faultOf(error, fieldNames, rest.url.pathname));
  }
}

async function routed(rest: RestRequest): Promise<Response> {
  const { request, url, services } = rest;
  const ask = `${request.method} ${url.pathname}`;
  switch (ask) {
    case 'POST /sdapi/v1/txt2img':
      return txt2img(rest);
    case 'GET /sdapi/v1/progress':
      return Response.json(await progress(services.generations, !skipsImage(url)));
    case 'GET /sdapi/v1/options':
      return Response.json(await options(services.checkpoints));
    case 'POST /sdapi/v1/options':
      await setOptions(await readJsonBody(request), services.checkpoints);
      return Response.json(null);
    case 'GET /sdapi/v1/samplers':
      return Response.json(samplersOf(await findCheckpoint(services.checkpoints, null)));
    case 'GET /sdapi/v1/schedulers':
      return Response.json(schedules);
    case 'GET /sdapi/v1/sd-models':
      return Response.json(sdModels(await services.checkpoints.list()));
    default:
      throw new Unanswerable(404, 'NOT_FOUND', `There is no ${ask.slice(0, 200)} here`);
  }
}

/** The web UI's own name for it, and the one that a client sends. */
function skipsImage({ searchParams }: URL): boolean {
  return ['skip_current_image', 'skipCurrentImage'].some(name => searchParams.get(name) === 'true');
}
