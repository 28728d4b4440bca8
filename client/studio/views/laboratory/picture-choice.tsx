/** A picture to work on: a file, or one of the gallery's. */
import { useId, useState } from 'preact/hooks';
import { adviceOn } from '../../errors.ts';
import { FileDrop } from '../../parts/file-drop.tsx';
import { useObjectUrl } from '../../parts/use-object-url.ts';
import { gallery, loadMore } from '../../state/gallery.ts';
import { useStore } from '../../state/store.ts';
import { toast } from '../../state/toasts.ts';
import { type ChosenPicture, choicesOf, nameOf } from './chosen-picture.ts';
import './picture-choice.css';

const tell = (error: unknown) => toast(adviceOn(error), 'bad');

interface PictureChoiceProps {
  readonly label: string;
  readonly chosen: ChosenPicture | null;
  readonly onChoose: (chosen: ChosenPicture) => void;
  readonly takesPaste?: boolean;
}

export function PictureChoice({ label, chosen, onChoose, takesPaste = false }: PictureChoiceProps) {
  const id = useId();
  const { generations, hasMore } = useStore(gallery);
  const offered = choicesOf(generations);
  return (
    <fieldset class="choice stack">
      <legend class="label">{label}</legend>
      <div class="choice-now">
        {chosen && <ChosenImage chosen={chosen} />}
        <FileDrop
          label={chosen ? 'Another file' : 'Choose a file, drop or paste one'}
          takesPaste={takesPaste}
          onFile={file => onChoose({ kind: 'file', file })}
        />
      </div>
      {offered.length > 0 && (
        <div class="stack choice-gallery">
          <span class="hint" id={`${id}-gallery`}>
            Or one of the gallery’s
          </span>
          <ul aria-labelledby={`${id}-gallery`} tabIndex={-1}>
            {offered.map(picture => (
              <li key={picture.key}>
                <button
                  type="button"
                  aria-pressed={chosen?.kind === 'latent' && chosen.key === picture.key}
                  onClick={() => onChoose(picture)}
                >
                  <img src={picture.url} alt={picture.name} width={56} height={56} loading="lazy" decoding="async" />
                </button>
              </li>
            ))}
            {hasMore && (
              <li>
                <button type="button" class="choice-more" onClick={() => void loadMore().catch(tell)}>
                  More
                </button>
              </li>
            )}
          </ul>
        </div>
      )}
    </fieldset>
  );
}

function ChosenImage({ chosen }: { readonly chosen: ChosenPicture }) {
  const [broken, setBroken] = useState<string | null>(null);
  const fileUrl = useObjectUrl(chosen.kind === 'file' ? chosen.file : null);
  const src = chosen.kind === 'latent' ? chosen.url : fileUrl;
  return (
    <figure class="choice-chosen">
      {src && src !== broken && (
        <img src={src} alt={`Chosen: ${nameOf(chosen)}`} width={88} height={88} onError={() => setBroken(src)} />
      )}
      <figcaption class="hint">{nameOf(chosen)}</figcaption>
    </figure>
  );
}
