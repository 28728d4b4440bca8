import type { IncomingMessage, ServerResponse } from 'node:http';
import { decodeMessage, encodeMessage, FrameError, type Message, type MessageLimits } from '../wire/frames.ts';
import { PlanError, parsePlan } from '../wire/parse-plan.ts';
import type { FrameHeader, Plan } from '../wire/plan.ts';
import type { SignatureClaim } from '../wire/signature.ts';
import type { Backend } from './backend.ts';
import { HungUp, readBody } from './body.ts';
import { Heart } from './heart.ts';
import type { JobListener } from './pool-thread.ts';
import type { Place } from './queue.ts';
import { isRetryable, RequestRefused } from './refusal.ts';

/** What a plan may weigh: tokens and a scheduler config, and the latents of as many pictures as a plan can hold. */
export const bodyLimits: MessageLimits = { jsonBytes: 256 * 1024, tensorBytes: 64 * 1024 * 1024 };

/** Why a job is stopped before its end. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
}

/**
 * `POST /v1/run`, the signature in its header verified: takes a place in the queue, then reads the plan, then runs it
 * and streams its frames.
 * @throws RequestRefused until the first frame is sent; from then on what goes wrong is a `failed` frame
 */
export async function run(
  backend: Backend,
  request: IncomingMessage,
  response: ServerResponse,
  claim: SignatureClaim & { readonly bodyBytes: number },
): Promise<void> {
  const place = backend.queue.reserve();
  try {
    if (request.headers.expect === '100-continue') response.writeContinue();
    const expected = { bytes: claim.bodyBytes, digest: claim.bodyDigest };
    const message = readMessage(await readBody(request, expected, backend.timeouts.bodyIdle));
    const plan = readPlan(message, backend);
    if (response.destroyed) throw new HungUp('the client hung up while its plan was read');
    const hungUp = new AbortController();
    response.once('close', () => hungUp.abort(new Stopped('the client hung up')));
    const signal = AbortSignal.any([hungUp.signal, backend.stopping]);

    response.writeHead(200, { 'content-type': 'application/vnd.darkroom.frames', 'cache-control': 'no-store' });
    response.flushHeaders();
    const outcome = await runInTurn(backend, plan, message, response, signal, place);
    backend.metrics.jobEnded(outcome);
    finish(response, backend.timeouts.finish);
  } finally {
    place.leave();
  }
}

async function runInTurn(
  backend: Backend,
  plan: Plan,
  message: Message,
  response: ServerResponse,
  signal: AbortSignal,
  place: Place,
) {
  const send = (header: FrameHeader) => response.write(encodeMessage(header));
  const heart = new Heart(backend.timeouts.heartbeat, position => send({ kind: 'queued', position }));
  const turn = place.turn(signal);
  if (place.position !== null) {
    send({ kind: 'queued', position: place.position });
    heart.beat(() => place.position ?? 0);
  }
  const run = () => {
    // A turn without a thread is no sign of life: when none comes back, another backend may be better off.
    heart.stop();
    const job = { plan, tensors: Object.fromEntries(message.tensors) };
    return backend.pool.run(job, listen(backend, heart, response), signal);
  };
  const outcome = await turn.then(run, () => 'cancelled' as const).finally(() => heart.stop());
  if (outcome === 'cancelled' && !response.destroyed) {
    const code = backend.stopping.aborted ? 'stopping' : 'cancelled';
    send({
      kind: 'failed',
      stage: null,
      code,
      message: (signal.reason as Error).message,
      retryable: isRetryable(code),
    });
  }
  return outcome;
}

function listen(backend: Backend, heart: Heart, response: ServerResponse): JobListener {
  let last = 0;
  const begun = (executionProvider: string) => {
    heart.stop();
    last = performance.now();
    response.write(encodeMessage({ kind: 'started', backend: { ...backend.identity, executionProvider } }));
  };
  return {
    // Sessions of a checkpoint that is used for the first time take a while.
    taken: () => heart.beat(() => 0),
    begun,
    frame(header, bytes) {
      // What a thread fails at before its models are ready is the job's end as well: it is not to be tried for ever.
      if (last === 0) begun(backend.identity.executionProvider);
      const now = performance.now();
      if (header.kind === 'result') backend.metrics.stageEnded(header.stage, header.ms);
      // The first step of a run is the time since another stage ended, not since another step.
      if (header.kind === 'step') backend.metrics.stepEnded(now - last);
      last = now;
      response.write(bytes);
    },
  };
}

function readMessage(body: Uint8Array): Message {
  try {
    return decodeMessage(body, bodyLimits);
  } catch (error) {
    if (!(error instanceof FrameError)) throw error;
    throw new RequestRefused(error.tooLarge ? 'too_large' : 'malformed', error.message);
  }
}

function readPlan({ json, tensors }: Message, backend: Backend): Plan {
  try {
    const plan = parsePlan(json);
    const checkpoint = backend.checkpoint(plan.checkpoint);
    if (!checkpoint) throw new RequestRefused('checkpoint_unknown', `there is no checkpoint ${plan.checkpoint} here`);
    checkpoint.check(plan, tensors);
    return plan;
  } catch (error) {
    if (!(error instanceof PlanError)) throw error;
    throw new RequestRefused('plan_invalid', error.message);
  }
}

/** Ends the response, and hangs up on a client that does not take it. */
function finish(response: ServerResponse, milliseconds: number): void {
  const timer = setTimeout(() => response.destroy(), milliseconds);
  response.once('close', () => clearTimeout(timer));
  response.end();
}
