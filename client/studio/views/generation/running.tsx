/** How far a generation is that has not ended, and the way to stop it. */
import type { Generation } from '../../../sdk/index.ts';
import { adviceOn } from '../../errors.ts';
import { ProgressBar } from '../../parts/progress-bar.tsx';
import { cancel } from '../../state/gallery.ts';
import { toast } from '../../state/toasts.ts';
import { statusOf } from '../../words.ts';

export function Running({ generation }: { readonly generation: Generation }) {
  const { id, status, progress } = generation;
  return (
    <div class="stack">
      <ProgressBar label="Progress" fraction={status === 'DENOISING' ? progress.fraction : null} />
      <div class="row">
        <span class="hint">{statusOf(generation)}</span>
        <button type="button" class="button" onClick={() => cancel(id).catch(error => toast(adviceOn(error), 'bad'))}>
          Cancel
        </button>
      </div>
    </div>
  );
}
