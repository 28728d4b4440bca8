/** How far a job is, as one line. */
import { progressBar } from '../../../scripts/progress.ts';
import type { GenerationStatus, Progress } from '../../sdk/index.ts';

const words: Readonly<Record<GenerationStatus, string>> = {
  QUEUED: 'waiting',
  ENCODING: 'reading',
  DENOISING: 'developing',
  DECODING: 'decoding',
  SCORING: 'scoring',
  SUCCEEDED: 'done',
  FAILED: 'failed',
  CANCELLED: 'cancelled',
};

/** @example developing ████████░░░░░░░░░░░░ 8/20, 2 s left */
export function jobLine({
  status,
  progress,
}: {
  readonly status: GenerationStatus;
  readonly progress: Progress;
}): string {
  const { step, steps, fraction, queuePosition, etaMs } = progress;
  const parts = [`${words[status].padEnd(10)} ${progressBar(fraction)} ${step}/${steps}`];
  if (status === 'QUEUED' && queuePosition !== null) parts.push(`${queuePosition} before it`);
  if (etaMs !== null && status !== 'SUCCEEDED') parts.push(`${duration(etaMs)} left`);
  return parts.join(', ');
}

/** @param ms milliseconds */
export function duration(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
