/** `POST /v1/images/generations`. */
import { nodeId } from '../../../schema/node.ts';
import { watchedStates } from '../../../schema/watched-states.ts';
import { logUnexpected } from '../../http/unexpected.ts';
import { faultOf } from '../fault.ts';
import { callerOf, createGeneration, succeeded } from '../generation-of-request.ts';
import { held } from '../held-answer.ts';
import { readJsonBody } from '../json-body.ts';
import { keptAlive } from '../kept-alive.ts';
import type { RestRequest } from '../rest-request.ts';
import { openaiErrorResponse } from './error.ts';
import { fieldNames, readImageRequest } from './fields.ts';
import { imageEvents } from './image-events.ts';
import { imagesResponse } from './pictures.ts';

/** Between two signs of life of a stream: who has left is noticed after two of them. */
const silenceMs = 5_000;

/** @throws InputError, PromptError, RequestError, RetryLater, Unanswerable before there is a generation */
export async function generateImages(rest: RestRequest): Promise<Response> {
  const asked = readImageRequest(await readJsonBody(rest.request));
  const created = await createGeneration(asked.input, rest);
  const { services } = rest;
  // The id that GraphQL knows it by; clients show it as the request's.
  const headers = { 'X-Request-Id': nodeId('Generation', created.id) };
  const caller = callerOf(created.id, rest);
  if (asked.streams) {
    const states = watchedStates(created.id, { services, reportFault: logUnexpected });
    const events = imageEvents(states, asked, services.images);
    caller.gone.addEventListener('abort', () => void states.return?.());
    return new Response(keptAlive(events, { filler: ':\n\n', everyMs: silenceMs, left: caller.leave }), {
      headers: {
        ...headers,
        'Content-Type': 'text/event-stream; charset=utf-8',
        'Cache-Control': 'no-store, no-transform',
        'X-Accel-Buffering': 'no',
      },
    });
  }
  const answer = succeeded(created, services.generations, caller.gone)
    .then(async state => Response.json(await imagesResponse(state, asked, services.images), { headers }))
    .catch(error => openaiErrorResponse(faultOf(error, fieldNames, rest.url.pathname), headers));
  return held(answer, headers, caller.leave);
}
