/** What OpenAI's published clients ask for, as far as it is about making pictures. */
import { faultOf, Unanswerable } from '../fault.ts';
import type { RestRequest } from '../rest-request.ts';
import { openaiErrorResponse } from './error.ts';
import { fieldNames } from './fields.ts';
import { generateImages } from './generations.ts';
import { model, models } from './models.ts';

export async function openaiRoute(rest: RestRequest): Promise<Response> {
  try {
    return await routed(rest);
  } catch (error) {
    return openaiErrorResponse(faultOf(error, fieldNames, rest.url.pathname));
  }
}

async function routed(rest: RestRequest): Promise<Response> {
  const { request, services, url } = rest;
  const ask = `${request.method} ${url.pathname}`;
  if (ask === 'POST /v1/images/generations') return generateImages(rest);
  if (ask === 'GET /v1/models') return Response.json(await models(services.checkpoints));
  const [, name] = /^GET \/v1\/models\/(.+)$/.exec(ask) ?? [];
  if (name !== undefined) return Response.json(await model(services.checkpoints, decoded(name)));
  const has = 'POST /v1/images/generations, GET /v1/models and GET /v1/models/{model}';
  throw new Unanswerable(404, 'NOT_FOUND', `There is no ${ask.slice(0, 200)} here, only ${has}`);
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
