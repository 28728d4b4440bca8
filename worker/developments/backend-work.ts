/** What backends do for one image: one after the other, where they die under it. */
import type { Tensor } from '../../models/runtime.ts';
import { type Failure, RetryLater, type StageTiming } from '../../schema/context.ts';
import { BackendError, BackendUnreachable } from '../../wire/backend-error.ts';
import type { BackendClient, Frame } from '../../wire/client.ts';
import { kindOf, type Plan } from '../../wire/plan.ts';
import type { JobReport } from '../dispatch/dispatcher.ts';
import type { Lease } from '../dispatch/held.ts';
import type { Ticket } from '../dispatch/ticket.ts';
import type { Job } from '../generations/job.ts';
import { logUnexpected } from '../http/unexpected.ts';
import { checkFrame } from './check-frame.ts';
import type { KeptProgress, SoFar } from './kept-progress.ts';
import { type Report, statusAfter, statusIn } from './report.ts';
import { Silence } from './silence.ts';

/** A backend that lets a job wait says so every few seconds. */
const queuedSilenceMs = 60_000;
const renewEveryMs = 3_000;
/** So many attempts in a row that get no further, and it is given up. */
const mostFruitless = 6;
/** Before the second attempt; twice as long before each that follows, in milliseconds. */
const firstPauseMs = 250;
const longestPauseMs = 8_000;
/** Where a backend is full and does not say for how long. */
const fullPauseMs = 1_000;

/** As `Dispatcher` has them. */
export interface Backends {
  take(ticket: Ticket): Promise<Lease | Failure | null>;
  renew(ticket: Ticket, lease: Lease, step: number): Promise<boolean>;
  ended(turn: string, address: string, report: JobReport): Promise<void>;
  client(address: string): Pick<BackendClient, 'run'>;
  /** A backend that runs a job and says nothing for so long hangs; while one runs, a single step may take minutes. */
  readonly silenceMs: number;
}

export interface BackendWorkOptions {
  readonly ticket: Ticket;
  readonly backends: Backends;
  readonly progress: KeptProgress;
  readonly job: Job;
  readonly isScored: boolean;
  readonly signal: AbortSignal;
  /** Told of every change. */
  readonly tell: (report: Report) => void;
}

export class BackendWork {
  readonly #options: BackendWorkOptions;
  #report: Report;
  #soFar: SoFar = { tensors: new Map(), checkpoint: null, timings: [], kinds: [] };
  /** How often there was something to keep. */
  #gains = 0;

  constructor(before: Report, options: BackendWorkOptions) {
    this.#report = before;
    this.#options = options;
  }

  get report(): Report {
    return this.#report;
  }

  get soFar(): SoFar {
    return this.#soFar;
  }

  /** Takes up what was made before a crash. */
  async load(): Promise<void> {
    this.#soFar = await this.#options.progress.load();
    const { timings, kinds, checkpoint } = this.#soFar;
    this.become({ timings: [...this.#report.timings, ...timings], kinds, step: checkpoint?.step ?? 0 });
  }

  become(change: Partial<Report>): void {
    this.#report = { ...this.#report, ...change };
    this.#options.tell(this.#report);
  }

  ended(timing: StageTiming): void {
    this.become({ timings: [...this.#report.timings, timing] });
  }

  /**
   * Until nothing is left to do. What a backend has made is kept before the next thing is done with it.
   * @param rest what is left, asked before every attempt
   * @throws BackendError, BackendUnreachable, RetryLater where no backend will do it, the signal's reason
   */
  async finish(
    rest: (soFar: SoFar) => { readonly plan: Plan; readonly sent: Readonly<Record<string, Tensor>> } | null,
  ): Promise<void> {
    let fruitless = 0;
    let refusals = 0;
    let full = 0;
    for (;;) {
      const left = rest(this.#soFar);
      if (left === null) return;
      const gains = this.#gains;
      try {
        await this.#attempt(left.plan, left.sent);
        fruitless = 0;
      } catch (error) {
        this.#options.signal.throwIfAborted();
        // One backend may be older than the plan, another one run it: what two say is so.
        if (isRefusal(error) && ++refusals > 1) throw error;
        if (!isPassing(error)) throw error;
        // That it is full says nothing against it: this one's turn will come.
        const isFull = error instanceof BackendError && error.code === 'queue_full';
        if (this.#gains > gains) fruitless = 0;
        if (!isFull) fruitless++;
        if (fruitless >= mostFruitless) throw error;
        const asked = error instanceof BackendError ? (error.retryAfterMs ?? 0) : 0;
        // A place may be free in a moment, or elsewhere: not at once as long as the backend says.
        const grown = firstPauseMs * 2 ** ((isFull ? ++full : fruitless) - 1);
        const pause = isFull ? Math.min(grown, Math.max(asked, fullPauseMs)) : Math.max(asked, grown);
        await pauseFor(Math.min(longestPauseMs, pause), this.#options.signal);
      }
    }
  }

  async #attempt(plan: Plan, sent: Readonly<Record<string, Tensor>>): Promise<void> {
    const { backends, signal } = this.#options;
    const ticket = { ...this.#options.ticket, kind: this.#soFar.kinds.at(-1) ?? null };
    const lease = await this.#lease(ticket);
    const silence = new Silence(queuedSilenceMs);
    const run = new Run();
    const gains = this.#gains;
    const renewal = setInterval(() => {
      backends.renew(ticket, lease, this.#stepsOf(this.#report.step)).then(
        isOurs => isOurs || silence.break('the backend is taken for lost'),
        (error: unknown) => void logUnexpected(error, 'dispatch'),
      );
    }, renewEveryMs);
    let outcome: JobReport['outcome'] = 'GIVEN_BACK';
    try {
      const either = AbortSignal.any([silence.signal, signal]);
      for await (const frame of backends.client(lease.address).run(plan, sent, either)) {
        silence.begin(frame.header.kind === 'queued' ? queuedSilenceMs : backends.silenceMs);
        await this.#take(frame, plan, run);
      }
      if (this.#gains === gains) throw new BackendUnreachable('the backend ended without what it was asked for');
      outcome = 'DONE';
    } catch (error) {
      if (!signal.aborted) outcome = outcomeOf(error);
      throw error;
    } finally {
      silence.end();
      clearInterval(renewal);
      const { steps, stepMs } = run;
      await backends
        .ended(ticket.turn, lease.address, { outcome, steps: this.#stepsOf(steps), stepMs })
        .catch((error: unknown) => void logUnexpected(error, 'dispatch'));
    }
  }

  /** Some schedulers call the UNet more often than once a step; tickets count steps. */
  #stepsOf(calls: number): number {
    const callsAStep = Math.max(1, this.#report.steps / Math.max(1, this.#options.ticket.steps));
    return Math.round(calls / callsAStep);
  }

  async #lease(ticket: Ticket): Promise<Lease> {
    const { backends, signal } = this.#options;
    for (;;) {
      signal.throwIfAborted();
      const given = await backends.take(ticket).catch((error: unknown) => {
        logUnexpected(error, 'dispatch');
        throw new BackendUnreachable('the dispatcher does not answer');
      });
      if (given === null) continue;
      if ('address' in given) return given;
      throw new RetryLater(given.code, given.message, longestPauseMs);
    }
  }

  async #take(frame: Frame, plan: Plan, run: Run): Promise<void> {
    const { progress, isScored, job } = this.#options;
    const { header } = frame;
    const tensors = checkFrame(frame, plan, job);
    if (header.kind === 'queued') return;
    if (header.kind === 'started') {
      run.began();
      const kind = kindOf(header.backend);
      const { kinds } = this.#soFar;
      this.#soFar = { ...this.#soFar, kinds: kinds.at(-1) === kind ? kinds : [...kinds, kind] };
      const status = statusIn(plan.stages[0]!.stage);
      this.become({ backend: header.backend, kinds: this.#soFar.kinds, status });
    } else if (header.kind === 'step') {
      run.step();
      const { step, steps, draws } = header;
      await this.#keepStep(step, draws, tensors);
      const pixels = tensors.get('preview');
      const preview = pixels ? { step, pixels } : this.#report.preview;
      // Gone on with from a checkpoint, it may be at a step where it was before.
      this.become({ status: 'DENOISING', step: Math.max(step, this.#report.step), steps, preview });
    } else {
      const { stage, ms } = header;
      run.stage();
      const timing = { stage, ms, backend: this.#report.backend?.name ?? null, cached: false };
      await progress.stage(timing, this.#soFar.kinds, tensors);
      // A backend that ends its stages and has nothing to show for it is not to be asked for ever.
      if (plan.returns.some(name => tensors.has(name) && !this.#soFar.tensors.has(name))) this.#gains++;
      this.#add(tensors, stage === 'DENOISE' ? { checkpoint: null } : {});
      const status = statusAfter(stage, isScored) ?? this.#report.status;
      this.become({ timings: [...this.#report.timings, timing], status });
    }
  }

  async #keepStep(step: number, draws: number | undefined, tensors: ReadonlyMap<string, Tensor>): Promise<void> {
    const { progress } = this.#options;
    const others = new Map([...tensors].filter(([name]) => name.startsWith('at_')));
    if (others.size > 0) {
      await progress.kept(step, others);
      this.#soFar = { ...this.#soFar, tensors: new Map([...this.#soFar.tensors, ...others]) };
    }
    const own = new Map([...tensors].filter(([name]) => isResume(name)));
    if (draws === undefined || !own.has('resume')) return;
    const checkpoint = { step, draws };
    await progress.checkpoint(checkpoint, this.#soFar.kinds, own);
    // What its scheduler remembers now may be less than it was.
    const rest = [...this.#soFar.tensors].filter(([name]) => !isResume(name));
    if (step > (this.#soFar.checkpoint?.step ?? 0)) this.#gains++;
    this.#soFar = { ...this.#soFar, tensors: new Map(rest) };
    this.#add(own, { checkpoint });
  }

  #add(tensors: ReadonlyMap<string, Tensor>, change: Partial<SoFar>): void {
    this.#soFar = { ...this.#soFar, ...change, tensors: new Map([...this.#soFar.tensors, ...tensors]) };
  }
}

/** Whether it is part of what a run is gone on with. */
export function isResume(name: string): boolean {
  return /^resume(_|$)/.test(name);
}

/** What one attempt has cost. */
class Run {
  steps = 0;
  stepMs = 0;
  #since = performance.now();

  began(): void {
    this.#since = performance.now();
  }

  step(): void {
    const now = performance.now();
    this.steps++;
    this.stepMs += now - this.#since;
    this.#since = now;
  }

  stage(): void {
    this.#since = performance.now();
  }
}

/** Whether another attempt, or another backend, may succeed: all but what the model itself fails at. */
function isPassing(error: unknown): boolean {
  if (error instanceof BackendUnreachable) return true;
  return error instanceof BackendError && error.code !== 'model_failed';
}

function isRefusal(error: unknown): boolean {
  return error instanceof BackendError && error.code === 'plan_invalid';
}

function outcomeOf(error: unknown): JobReport['outcome'] {
  if (error instanceof BackendUnreachable) return 'FAILED';
  if (!(error instanceof BackendError)) return 'GIVEN_BACK';
  if (error.code === 'queue_full') return 'FULL';
  // That it is being stopped, or cannot do this plan, says nothing against it.
  const isOurs = ['model_failed', 'plan_invalid', 'stopping', 'cancelled', 'not_ready', 'boot_changed'];
  return isOurs.includes(error.code) ? 'GIVEN_BACK' : 'FAILED';
}

function pauseFor(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', stop, { once: true });
  });
}
