/** How far something is, from 0 to 1; null: nobody knows. */
import './progress-bar.css';

interface ProgressBarProps {
  readonly label: string;
  readonly fraction: number | null;
}

export function ProgressBar({ label, fraction }: ProgressBarProps) {
  return fraction === null ? (
    <progress class="progress" aria-label={label} />
  ) : (
    <progress class="progress" aria-label={label} max={1} value={fraction} />
  );
}
