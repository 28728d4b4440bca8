/** What is being made in this page, and what was. */
import { duration } from '../../format.ts';
import { fetching } from '../../in-page/in-page.ts';
import { Icon } from '../../parts/icon.tsx';
import { ImageCanvas } from '../../parts/image-canvas.tsx';
import { ProgressBar } from '../../parts/progress-bar.tsx';
import { useCheckpoint } from '../../state/checkpoints.ts';
import { draft } from '../../state/draft.ts';
import { discard, type MadeHere, madeHere } from '../../state/here.ts';
import { useStore } from '../../state/store.ts';
import './made-here.css';

export function MadeInThisPage() {
  const all = useStore(madeHere);
  if (all.length === 0) return null;
  return (
    <section class="stack here" aria-labelledby="here-title">
      <h2 id="here-title">Made in this page</h2>
      <div class="pictures">
        {all.map(made => (
          <Card key={made.id} made={made} />
        ))}
      </div>
    </section>
  );
}

function Card({ made }: { readonly made: MadeHere }) {
  const { id, draft: asked, step, developed, advice } = made;
  const image = developed?.image ?? step?.preview ?? null;
  const own = useCheckpoint(asked.checkpoint)?.defaults;
  const width = asked.width ?? own?.width ?? 1;
  const height = asked.height ?? own?.height ?? 1;
  return (
    <article class="picture">
      <span
        class={`frame${image === null && advice === null ? ' waits' : ''}`}
        style={{ aspectRatio: `${width} / ${height}` }}
      >
        {image !== null && <ImageCanvas image={image} alt={asked.prompt} rough={developed === null} />}
      </span>
      <p class="picture-words">{asked.prompt}</p>
      {advice !== null && (
        <p class="field-error" role="alert">
          {advice}
        </p>
      )}
      {developed === null && advice === null && <Course made={made} />}
      {developed !== null && <Done made={made} image={developed.image} />}
      {advice !== null && (
        <button type="button" class="button bare" onClick={() => discard(id)}>
          Dismiss
        </button>
      )}
    </article>
  );
}

function Course({ made }: { readonly made: MadeHere }) {
  const { id, draft: asked, step } = made;
  const fetched = useStore(fetching);
  const says = step
    ? `Step ${step.step} of ${step.steps}`
    : fetched === null
      ? 'Getting ready'
      : `Fetching the model: ${Math.round(100 * fetched)} %`;
  return (
    <div class="card-running">
      <ProgressBar label={`Progress of ${asked.prompt}, here`} fraction={step ? step.step / step.steps : fetched} />
      <div class="card-status">
        <span class="hint">{says}</span>
        <button
          type="button"
          class="button bare"
          aria-label={`Cancel: ${asked.prompt}, here`}
          onClick={() => discard(id)}
        >
          Cancel
        </button>
      </div>
    </div>
  );
}

function Done({ made, image }: { readonly made: MadeHere; readonly image: ImageData }) {
  const { id, draft: asked, developed, ms } = made;
  const { seed, steps } = developed!.settings;
  return (
    <div class="stack">
      <p class="hint">{`${steps} steps here in ${duration(ms!)} · seed ${seed}`}</p>
      <div class="row">
        <button type="button" class="button" onClick={() => void download(image, `${seed}.png`)}>
          <Icon name="download" />
          PNG
        </button>
        <button type="button" class="button" onClick={() => draft.set({ ...asked, seed, here: false })}>
          For the server
        </button>
        <button type="button" class="button bare" aria-label={`Dismiss: ${asked.prompt}`} onClick={() => discard(id)}>
          <Icon name="close" />
        </button>
      </div>
    </div>
  );
}

async function download(image: ImageData, name: string): Promise<void> {
  const canvas = new OffscreenCanvas(image.width, image.height);
  canvas.getContext('2d')!.putImageData(image, 0, 0);
  const url = URL.createObjectURL(await canvas.convertToBlob({ type: 'image/png' }));
  const link = Object.assign(document.createElement('a'), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
