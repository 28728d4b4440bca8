/** What a generation starts from instead of noise alone, and how much of that is done anew. */
import { FileDrop } from '../../parts/file-drop.tsx';
import { Slider } from '../../parts/slider.tsx';
import { useObjectUrl } from '../../parts/use-object-url.ts';
import { change, type Start } from '../../state/draft.ts';

interface StartFieldProps {
  readonly start: Start | null;
  readonly strength: number;
}

export function StartField({ start, strength }: StartFieldProps) {
  const fileUrl = useObjectUrl(start?.kind === 'file' ? start.file : null);
  const src = start?.kind === 'latent' ? start.url : fileUrl;
  return (
    <fieldset class="stack">
      <legend class="label">Start from a picture</legend>
      {start === null ? (
        <FileDrop
          label="Choose a picture, or drop one here"
          onFile={file => change({ start: { kind: 'file', file } })}
        />
      ) : (
        <>
          <div class="start-chosen">
            {src ? <img src={src} alt="The start" /> : <span class="hint mono">{start.kind}</span>}
            <div class="row">
              <span class="hint">{start.kind === 'file' ? start.file.name : `Latent ${start.key.slice(0, 12)}…`}</span>
              <button type="button" class="button" onClick={() => change({ start: null })}>
                From noise instead
              </button>
            </div>
          </div>
          <Slider
            label="How much is done anew"
            value={strength}
            min={0}
            max={1}
            step={0.05}
            hint="0 keeps the picture, 1 hardly anything of it"
            onChange={value => change({ strength: value })}
          />
        </>
      )}
    </fieldset>
  );
}
