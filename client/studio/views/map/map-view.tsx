/** The gallery as a map: what is alike lies close together. */
import { useEffect, useState } from 'preact/hooks';
import { createAddress, generationAddress } from '../../addresses.ts';
import { EmptyState } from '../../parts/empty-state.tsx';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { ProgressBar } from '../../parts/progress-bar.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import { useTask } from '../../parts/use-task.ts';
import { useTitle } from '../../parts/use-title.ts';
import { useCheckpoint } from '../../state/checkpoints.ts';
import { spaces } from '../../words.ts';
import './map.css';
import { type MapPicture, type MapSpace, mapOf, pictureSide } from './pictures.ts';

const shownSpaces: readonly MapSpace[] = ['EMBEDDING', 'LATENT'];

export function MapView() {
  useTitle('Map');
  const checkpoint = useCheckpoint(null);
  const [space, setSpace] = useState<MapSpace>('EMBEDDING');
  const { value, error, running, run } = useTask<readonly MapPicture[]>();
  const offered = shownSpaces.filter(each => checkpoint?.spaces.includes(each) ?? true);
  const shown = offered.includes(space) ? space : (offered[0] ?? 'LATENT');
  const draw = () => run(signal => mapOf(shown, signal));
  useEffect(draw, [shown, run]);
  return (
    <div class="stack map-view">
      <header>
        <h1>Map</h1>
        <p class="hint">
          The newest pictures of the gallery, each where its encoding lies: what is alike is close together.
        </p>
      </header>
      <Tabs
        label="What is compared"
        tabs={offered.map(key => ({ key, name: spaces[key].name }))}
        shown={shown}
        onShow={setSpace}
      >
        <div class="stack">
          <p class="hint">{spaces[shown].hint}</p>
          {running && <ProgressBar label="Finding their places" fraction={null} />}
          {error !== null && <ErrorNotice error={error} onRetry={draw} />}
          {value?.length === 0 && (
            <EmptyState title="Nothing to map yet">
              <p>
                Pictures come here when they are made: <a href={createAddress}>make some</a>.
              </p>
            </EmptyState>
          )}
          {value && value.length > 0 && <Plane pictures={value} />}
        </div>
      </Tabs>
    </div>
  );
}

function Plane({ pictures }: { readonly pictures: readonly MapPicture[] }) {
  const [pointed, setPointed] = useState<MapPicture | null>(null);
  return (
    <figure class="map">
      <ul class="map-plane" style={{ '--side': `${100 * pictureSide}%` }} aria-label="Pictures at their places">
        {pictures.map(picture => (
          <li key={picture.key} style={{ left: `${100 * picture.left}%`, top: `${100 * picture.top}%` }}>
            <a
              href={generationAddress(picture.generation)}
              title={picture.prompt}
              onMouseEnter={() => setPointed(picture)}
              onFocus={() => setPointed(picture)}
            >
              <img src={picture.url} alt={picture.prompt} decoding="async" />
            </a>
          </li>
        ))}
      </ul>
      <figcaption class="hint">
        {pointed?.prompt ?? `${pictures.length} pictures. Point at one to read what it was to show.`}
      </figcaption>
    </figure>
  );
}
