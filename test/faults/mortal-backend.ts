/** A backend that can be killed and started again at the same port, and that tells what it has done in all its lives. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Health } from '../../wire/readiness.ts';
import { ProcessGroup } from './process-group.ts';

/** What it had done, and what it was doing, when it was looked at. */
export interface Work {
  /** Denoising steps, in this life. */
  readonly steps: number;
  /** Jobs that ran at that moment. */
  readonly running: number;
}

const startMs = 60_000;

export class MortalBackend {
  readonly url: string;
  readonly #env: Readonly<Record<string, string>>;
  #group: ProcessGroup | null = null;
  /** Steps of the lives before this one. */
  #before = 0;

  constructor(port: number, env: Readonly<Record<string, string>>) {
    this.url = `http://127.0.0.1:${port}`;
    this.#env = { HOST: '127.0.0.1', PORT: String(port), THREADS: '1', ...env };
  }

  /** Until it is ready. @throws Error with its last words when it ends instead */
  async start(): Promise<void> {
    const group = new ProcessGroup(['gpu-backend/main.ts'], this.#env);
    this.#group = group;
    for (const until = performance.now() + startMs; performance.now() < until; await sleep(20)) {
      if (group.isOver) break;
      const answer = await fetch(`${this.url}/ready`).catch(() => null);
      await answer?.body?.cancel();
      if (answer?.ok) return;
    }
    throw new Error(`the backend at ${this.url} did not start: ${group.complaints}`);
  }

  /** What the jobs that it runs and lets wait come to. */
  async health(): Promise<Health> {
    return (await (await fetch(`${this.url}/health`)).json()) as Health;
  }

  /** @param label as Prometheus writes it, e.g. `outcome="failed"` */
  async metric(name: string, label?: string): Promise<number> {
    return metricIn(await this.#metrics(), name, label);
  }

  async work(): Promise<Work> {
    const text = await this.#metrics();
    return { steps: metricIn(text, 'darkroom_steps_total'), running: metricIn(text, 'darkroom_jobs_running') };
  }

  /** Denoising steps of all its lives. */
  async steps(): Promise<number> {
    return this.#before + (this.#group ? (await this.work()).steps : 0);
  }

  async #metrics(): Promise<string> {
    return (await fetch(`${this.url}/metrics`)).text();
  }

  pause(): void {
    this.#group?.pause();
  }

  goOn(): void {
    this.#group?.goOn();
  }

  /** @param work what it had done until this very moment; without, its steps are forgotten */
  async kill(work?: Work): Promise<void> {
    this.#before += work?.steps ?? 0;
    const group = this.#group;
    this.#group = null;
    await group?.kill();
  }
}

/** @throws Error when there is no such metric */
function metricIn(text: string, name: string, label?: string): number {
  const start = `${name}${label ? `{${label}}` : ''} `;
  const line = text.split('\n').find(each => each.startsWith(start));
  if (line === undefined) throw new Error(`the backend has no metric ${start}`);
  return Number(line.slice(start.length));
}
