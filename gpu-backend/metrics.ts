import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { JobQueue } from './queue.ts';
import type { SessionChange } from './session-memory.ts';

export type JobOutcome = 'succeeded' | 'failed' | 'cancelled';

export interface MetricsSources {
  readonly queue: JobQueue;
  /** Bytes. */
  readonly memoryBudget: number;
  /** Bytes that each checkpoint's sessions take, by its name. */
  readonly held: () => Readonly<Record<string, number>>;
}

/** What Prometheus is told. Labels are words of ours or of the configuration, never anything a request brought along. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #jobs: Counter<'outcome'>;
  readonly #refused: Counter<'reason'>;
  readonly #stages: Histogram<'stage'>;
  readonly #steps: Histogram;
  readonly #stepsTaken: Counter;
  readonly #unetCalls: Counter;
  readonly #crashes: Counter;
  readonly #loads: Histogram<'checkpoint'>;
  readonly #evictions: Counter<'checkpoint'>;

  constructor({ queue, memoryBudget, held }: MetricsSources) {
    const registers = [this.#registry];
    this.#jobs = new Counter({
      name: 'darkroom_jobs_total',
      help: 'Jobs that ended, by how',
      labelNames: ['outcome'],
      registers,
    });
    for (const outcome of ['succeeded', 'failed', 'cancelled']) this.#jobs.inc({ outcome }, 0);
    this.#refused = new Counter({
      name: 'darkroom_refused_requests_total',
      help: 'Requests that were refused, by why',
      labelNames: ['reason'],
      registers,
    });
    this.#stages = new Histogram({
      name: 'darkroom_stage_seconds',
      help: 'How long each stage of a job took',
      labelNames: ['stage'],
      buckets: [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100],
      registers,
    });
    this.#steps = new Histogram({
      name: 'darkroom_step_seconds',
      help: 'Time between one denoising step and the next',
      buckets: [0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10],
      registers,
    });
    this.#stepsTaken = new Counter({
      name: 'darkroom_steps_total',
      help: 'Denoising steps that generations have taken',
      registers,
    });
    this.#unetCalls = new Counter({
      name: 'darkroom_unet_calls_total',
      help: 'Calls of the UNet, each for one generation or for several that run at the same time',
      registers,
    });
    this.#crashes = new Counter({
      name: 'darkroom_job_thread_crashes_total',
      help: 'Job threads that ended unasked and were replaced',
      registers,
    });
    this.#loads = new Histogram({
      name: 'darkroom_session_load_seconds',
      help: 'How long it took to create the session of a part of a checkpoint',
      labelNames: ['checkpoint'],
      buckets: [0.1, 0.3, 1, 3, 10, 30, 100],
      registers,
    });
    this.#evictions = new Counter({
      name: 'darkroom_session_evictions_total',
      help: 'Sessions that were released to make room for others',
      labelNames: ['checkpoint'],
      registers,
    });
    new Gauge({
      name: 'darkroom_loaded_bytes',
      help: 'What the sessions of a checkpoint take in memory',
      labelNames: ['checkpoint'],
      registers,
      collect() {
        for (const [checkpoint, bytes] of Object.entries(held())) this.set({ checkpoint }, bytes);
      },
    });
    gauge(
      'darkroom_memory_budget_bytes',
      'What the sessions of all checkpoints may take',
      () => memoryBudget,
      registers,
    );
    gauge('darkroom_queue_depth', 'Jobs that wait', () => queue.queued, registers);
    gauge('darkroom_queue_limit', 'Jobs that may wait', () => queue.limit, registers);
    gauge('darkroom_jobs_running', 'Jobs that run', () => queue.running, registers);
    collectDefaultMetrics({ register: this.#registry });
  }

  jobEnded(outcome: JobOutcome): void {
    this.#jobs.inc({ outcome });
  }

  refused(reason: string): void {
    this.#refused.inc({ reason });
  }

  /** @param ms milliseconds */
  stageEnded(stage: string, ms: number): void {
    this.#stages.observe({ stage }, ms / 1000);
  }

  /** @param ms milliseconds since the step before */
  stepEnded(ms: number): void {
    this.#steps.observe(ms / 1000);
    this.#stepsTaken.inc();
  }

  unetCalled(): void {
    this.#unetCalls.inc();
  }

  threadCrashed(): void {
    this.#crashes.inc();
  }

  sessionChanged({ change, checkpoint, ms }: SessionChange): void {
    if (change === 'created') this.#loads.observe({ checkpoint }, ms / 1000);
    else this.#evictions.inc({ checkpoint });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }
}

function gauge(name: string, help: string, read: () => number, registers: Registry[]): void {
  new Gauge({
    name,
    help,
    registers,
    collect() {
      this.set(read());
    },
  });
}
