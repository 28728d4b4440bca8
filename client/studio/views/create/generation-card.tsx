/** One generation in the gallery: its picture, or how far it is. */
import { type Generation, hasEnded } from '../../../sdk/index.ts';
import { generationAddress } from '../../addresses.ts';
import { adviceOn } from '../../errors.ts';
import { PictureCard } from '../../parts/picture-card.tsx';
import { ProgressBar } from '../../parts/progress-bar.tsx';
import { cancel } from '../../state/gallery.ts';
import { toast } from '../../state/toasts.ts';
import { statusOf } from '../../words.ts';
import './generation-card.css';

export function GenerationCard({ generation }: { readonly generation: Generation }) {
  const { id, prompt, images, preview, parameters } = generation;
  const [image] = images;
  const running = !hasEnded(generation);
  const src = image?.url ?? (running ? (preview?.dataUri ?? null) : null);
  const stopped = !running && image === undefined;
  return (
    <PictureCard
      src={src}
      alt={prompt}
      width={parameters.width}
      height={parameters.height}
      href={generationAddress(id)}
      rough={image === undefined}
      still={stopped ? statusOf(generation) : undefined}
      badge={parameters.count > 1 ? `×${images.length > 0 ? images.length : parameters.count}` : undefined}
    >
      <p class="picture-words">{prompt}</p>
      {running && <Running generation={generation} />}
      {generation.failure && <p class="field-error">{generation.failure.message}</p>}
    </PictureCard>
  );
}

function Running({ generation }: { readonly generation: Generation }) {
  const { id, prompt, status, progress } = generation;
  const stop = () => cancel(id).catch(error => toast(adviceOn(error), 'bad'));
  return (
    <div class="card-running">
      <ProgressBar label={`Progress of ${prompt}`} fraction={status === 'DENOISING' ? progress.fraction : null} />
      <div class="card-status">
        <span class="hint">{statusOf(generation)}</span>
        <button type="button" class="button bare" aria-label={`Cancel: ${prompt}`} onClick={stop}>
          Cancel
        </button>
      </div>
    </div>
  );
}
