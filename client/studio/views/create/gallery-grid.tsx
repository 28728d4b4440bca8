/** All generations, newest first, more of them as one scrolls. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { EmptyState } from '../../parts/empty-state.tsx';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { PictureSkeletons } from '../../parts/picture-skeletons.tsx';
import { change } from '../../state/draft.ts';
import { gallery, loadMore, refresh } from '../../state/gallery.ts';
import { useStore } from '../../state/store.ts';
import { GenerationCard } from './generation-card.tsx';

const examples = [
  'a cat on a red background',
  'a Japanese castle on a blue background',
  'a rocket on a black background',
];

export function GalleryGrid() {
  const { generations, phase, hasMore } = useStore(gallery);
  if (generations.length === 0) {
    if (phase === 'loading') return <PictureSkeletons count={8} />;
    if (phase === 'failed') {
      return (
        <EmptyState title="The gallery could not be loaded">
          <p>It is shown as soon as the server answers.</p>
          <button type="button" class="button" onClick={() => void refresh()}>
            Try again
          </button>
        </EmptyState>
      );
    }
    return (
      <EmptyState title="Nothing developed yet">
        <p>Say what a picture is to show and press Enter. Or begin with one of these:</p>
        <div class="row">
          {examples.map(prompt => (
            <button key={prompt} type="button" class="chip" onClick={() => change({ prompt })}>
              {prompt}
            </button>
          ))}
        </div>
      </EmptyState>
    );
  }
  return (
    <div class="stack">
      <div class="pictures">
        {generations.map(generation => (
          <GenerationCard key={generation.id} generation={generation} />
        ))}
      </div>
      {hasMore && <More />}
    </div>
  );
}

/** The next page comes when one has scrolled this far, and on a press. */
function More() {
  const button = useRef<HTMLButtonElement>(null);
  const [error, setError] = useState<unknown>(null);
  const more = () => loadMore().then(() => setError(null), setError);
  useEffect(() => {
    const watcher = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting) void more();
      },
      { rootMargin: '400px' },
    );
    watcher.observe(button.current!);
    return () => watcher.disconnect();
  }, []);
  return (
    <>
      {error !== null && <ErrorNotice error={error} />}
      <button ref={button} type="button" class="button" onClick={more}>
        Show more
      </button>
    </>
  );
}
