/** What was found, nearest first, or why there is nothing. */
import type { Neighbour } from '../../../sdk/index.ts';
import { createAddress, generationAddress, searchAddress } from '../../addresses.ts';
import { EmptyState } from '../../parts/empty-state.tsx';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { PictureCard } from '../../parts/picture-card.tsx';
import { PictureSkeletons } from '../../parts/picture-skeletons.tsx';
import type { Found } from './use-found.ts';

export function Results({ found }: { readonly found: Found }) {
  const { phase, neighbours, error, more, again } = found;
  if (phase === 'idle') {
    return (
      <EmptyState title="What are you looking for?">
        <p>
          Say what it shows, or give a picture: everything that was made, encoded or mixed here is compared with it.
        </p>
      </EmptyState>
    );
  }
  if (phase === 'failed') return <ErrorNotice error={error} onRetry={again} />;
  if (phase === 'searching' && neighbours.length === 0) return <PictureSkeletons count={8} />;
  if (neighbours.length === 0) {
    return (
      <EmptyState title="Nothing to compare with yet">
        <p>
          <a href={createAddress}>Create a picture</a> first.
        </p>
      </EmptyState>
    );
  }
  const made = neighbours.filter(({ latent }) => latent.generation !== null);
  const others = neighbours.filter(({ latent }) => latent.generation === null);
  return (
    <section class="stack" aria-label="Found" aria-busy={phase === 'searching'}>
      <div class="pictures">
        {made.map(neighbour => (
          <Result key={neighbour.latent.key} neighbour={neighbour} />
        ))}
      </div>
      {others.length > 0 && (
        <details class="fold" open={made.length === 0}>
          <summary>
            {others.length === 1 ? 'One that no generation made' : `${others.length} that no generation made`}: encoded,
            mixed or sent
          </summary>
          <div class="pictures">
            {others.map(neighbour => (
              <Result key={neighbour.latent.key} neighbour={neighbour} />
            ))}
          </div>
        </details>
      )}
      {error !== null && <ErrorNotice error={error} />}
      {more && (
        <button type="button" class="button" onClick={more}>
          Show more
        </button>
      )}
    </section>
  );
}

function Result({ neighbour: { similarity, latent } }: { readonly neighbour: Neighbour }) {
  const { key, image, generation, shape } = latent;
  const words = generation?.prompt ?? 'Encoded, mixed or sent';
  return (
    <PictureCard
      src={image?.url ?? null}
      alt={words}
      // Latents have their pictures' proportions.
      width={image?.width ?? shape[2] ?? 1}
      height={image?.height ?? shape[1] ?? 1}
      href={generation ? generationAddress(generation.id) : searchAddress(key)}
      still={image === null ? 'No picture' : undefined}
    >
      <p class="likeness">
        <span class="picture-words">{words}</span>
        <strong title="Cosine similarity">{similarity.toFixed(2)}</strong>
      </p>
    </PictureCard>
  );
}
