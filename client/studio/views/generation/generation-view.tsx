/** One generation: its pictures, what can be done with them, and how they came about. The address is the link to share. */

import { useState } from 'preact/hooks';
import { useLocation, useRoute } from 'preact-iso';
import { FailedError, type Generation, hasEnded, isDarkroomError } from '../../../sdk/index.ts';
import { createAddress } from '../../addresses.ts';
import { EmptyState } from '../../parts/empty-state.tsx';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { useTitle } from '../../parts/use-title.ts';
import { useAgain } from '../../state/draft.ts';
import { Actions } from './actions.tsx';
import { Code } from './code.tsx';
import './generation-view.css';
import { Pictures } from './pictures.tsx';
import { Record } from './record.tsx';
import { Running } from './running.tsx';
import { useGeneration } from './use-generation.ts';

export function GenerationView() {
  const { params } = useRoute();
  const { generation, error, lookAgain } = useGeneration(params.id ?? '');
  useTitle(generation?.prompt ?? 'A picture');
  if (generation !== null) return <Shown generation={generation} />;
  if (isDarkroomError(error) && ['request', 'cancelled'].includes(error.kind)) {
    return (
      <EmptyState title="There is no such picture" level={1}>
        <p>
          It was deleted, or the link is not whole. <a href={createAddress}>Create another one</a>.
        </p>
      </EmptyState>
    );
  }
  if (error !== null) return <ErrorNotice error={error} onRetry={lookAgain} />;
  return (
    <div class="generation" aria-busy="true">
      <div class="generation-pictures">
        <span class="frame waits" style={{ aspectRatio: '1' }} />
      </div>
    </div>
  );
}

function Shown({ generation }: { readonly generation: Generation }) {
  const { prompt, negativePrompt, images, failure, status } = generation;
  const { route } = useLocation();
  const [chosen, setChosen] = useState(0);
  const image = images[Math.min(chosen, images.length - 1)];
  const again = () => {
    useAgain(generation);
    route(createAddress);
  };
  return (
    <article class="generation">
      <div class="generation-pictures stack">
        <Pictures generation={generation} chosen={chosen} onChoose={setChosen} />
      </div>
      <div class="generation-facts stack">
        <header class="stack">
          <h1>{prompt}</h1>
          {negativePrompt !== '' && <p class="hint">Not to show: {negativePrompt}</p>}
        </header>
        {!hasEnded(generation) && <Running generation={generation} />}
        {failure && <ErrorNotice error={new FailedError(failure, generation)} onRetry={again} />}
        {status === 'CANCELLED' && <p class="hint">Cancelled. What was ready before stays.</p>}
        <Actions generation={generation} image={image} />
        <Record generation={generation} image={image} />
        <Code generation={generation} />
      </div>
    </article>
  );
}
