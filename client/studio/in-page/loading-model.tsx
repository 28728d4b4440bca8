/** How far the model is that is being fetched into this page. */
import { ProgressBar } from '../parts/progress-bar.tsx';
import { useStore } from '../state/store.ts';
import { fetching } from './in-page.ts';

export function LoadingModel() {
  const fraction = useStore(fetching);
  return (
    <div class="stack">
      <ProgressBar label="The model" fraction={fraction} />
      <p class="hint">{fraction === null ? 'Getting ready …' : 'Fetching the model: once, this browser keeps it'}</p>
    </div>
  );
}
