/** One prompt under several parameters, in one picture. */
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import type { AxisParameter, ContactSheet, Handle } from '../../../sdk/index.ts';
import { generationAddress } from '../../addresses.ts';
import { adviceOn } from '../../errors.ts';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { Icon } from '../../parts/icon.tsx';
import { ProgressBar } from '../../parts/progress-bar.tsx';
import { useTask } from '../../parts/use-task.ts';
import { darkroom } from '../../state/darkroom.ts';
import { draft } from '../../state/draft.ts';
import { useStore } from '../../state/store.ts';
import { toast } from '../../state/toasts.ts';
import { type AxisDraft, axisOf, axisParameters } from './axis.ts';
import { experimentAddress } from './experiment-address.ts';
import './sheet.css';

const parameters = Object.keys(axisParameters) as (keyof typeof axisParameters)[];

export function Sheet() {
  const id = useId();
  const { prompt: drafted, checkpoint } = useStore(draft);
  const [prompt, setPrompt] = useState(drafted || 'a Japanese castle on a blue background');
  const [x, setX] = useState<AxisDraft>({ parameter: 'STEPS', values: axisParameters.STEPS.values });
  const [y, setY] = useState<AxisDraft | null>({ parameter: 'SEED', values: axisParameters.SEED.values });
  const [sheet, setSheet] = useState<ContactSheet | null>(null);
  const { error, running, run, stop } = useTask<ContactSheet>();
  const { query, route } = useLocation();
  const drawing = useRef<Handle<ContactSheet> | null>(null);

  /** Leaving the page ends the looking, not the drawing. */
  const follow = (handle: Handle<ContactSheet>) => {
    drawing.current = handle;
    setSheet(null);
    run(async signal => {
      const { id } = await handle.accepted;
      if (!signal.aborted) route(`${experimentAddress('sheet')}?sheet=${encodeURIComponent(id)}`, true);
      for await (const snapshot of handle) {
        if (signal.aborted) break;
        setSheet(snapshot);
      }
      return handle;
    });
  };
  const draw = () => {
    const base = { prompt, ...(checkpoint === null ? {} : { checkpoint }) };
    follow(darkroom.contactSheet({ base, x: axisOf(x), y: y && axisOf(y) }));
  };
  const cancel = () => {
    // Also where the server has not answered yet: what it accepts then is stopped.
    drawing.current?.cancel().catch(error => toast(adviceOn(error), 'bad'));
    stop();
  };
  useEffect(() => {
    if (query.sheet) follow(darkroom.watchContactSheet(query.sheet));
    // Once, for a page that is loaded again; later ones are followed as they begin.
  }, []);
  return (
    <div class="stack">
      <form
        class="stack"
        onSubmit={event => {
          event.preventDefault();
          draw();
        }}
      >
        <div class="field">
          <label class="label" for={`${id}-prompt`}>
            Prompt
          </label>
          <input
            id={`${id}-prompt`}
            class="input"
            value={prompt}
            required
            onInput={event => setPrompt(event.currentTarget.value)}
          />
        </div>
        <AxisField name="Columns" axis={x} onChange={setX} />
        {y ? (
          <AxisField name="Rows" axis={y} onChange={setY} onRemove={() => setY(null)} />
        ) : (
          <div class="row">
            <button
              type="button"
              class="button"
              onClick={() => setY({ parameter: 'SEED', values: axisParameters.SEED.values })}
            >
              Rows, too
            </button>
          </div>
        )}
        <div class="row">
          <button type="submit" class="button primary" disabled={running}>
            Draw the sheet
          </button>
          {running && (
            <button type="button" class="button" onClick={cancel}>
              Cancel
            </button>
          )}
        </div>
      </form>
      {running && <Course sheet={sheet} />}
      {error !== null && <ErrorNotice error={error} />}
      {sheet?.image && <Finished sheet={sheet} prompt={prompt} />}
    </div>
  );
}

interface AxisFieldProps {
  readonly name: string;
  readonly axis: AxisDraft;
  readonly onChange: (axis: AxisDraft) => void;
  readonly onRemove?: () => void;
}

function AxisField({ name, axis, onChange, onRemove }: AxisFieldProps) {
  const id = useId();
  return (
    <fieldset class="axis">
      <legend class="label">{name}</legend>
      <select
        class="input"
        aria-label={`${name}: parameter`}
        value={axis.parameter}
        onChange={event => {
          const parameter = event.currentTarget.value as keyof typeof axisParameters;
          onChange({ parameter: parameter as AxisParameter, values: axisParameters[parameter].values });
        }}
      >
        {parameters.map(parameter => (
          <option key={parameter} value={parameter}>
            {axisParameters[parameter].name}
          </option>
        ))}
      </select>
      <input
        id={id}
        class="input"
        aria-label={`${name}: values, separated by ${axis.parameter === 'PROMPT' ? 'semicolons' : 'commas'}`}
        value={axis.values}
        required
        onInput={event => onChange({ ...axis, values: event.currentTarget.value })}
      />
      {onRemove && (
        <button type="button" class="button bare" aria-label={`No ${name.toLowerCase()}`} onClick={onRemove}>
          <Icon name="close" />
        </button>
      )}
    </fieldset>
  );
}

function Course({ sheet }: { readonly sheet: ContactSheet | null }) {
  const progress = sheet?.progress;
  return (
    <div class="stack">
      <ProgressBar label="The sheet" fraction={progress ? progress.fraction : null} />
      <p class="hint" role="status">
        {progress ? `Step ${progress.step} of ${progress.steps}` : 'Asking the server …'}
      </p>
    </div>
  );
}

function Finished({ sheet, prompt }: { readonly sheet: ContactSheet; readonly prompt: string }) {
  const { image, cells } = sheet;
  return (
    <div class="stack">
      <a class="sheet-picture" href={image!.url}>
        <img src={image!.url} alt={`Contact sheet: ${prompt}`} width={image!.width} height={image!.height} />
      </a>
      <div class="row">
        <a class="button" href={image!.url} download="sheet.png">
          <Icon name="download" />
          PNG
        </a>
      </div>
      <details>
        <summary>Its generations</summary>
        <ul class="cells">
          {cells.flat().map(({ id, prompt: said, parameters: p }) => (
            <li key={id}>
              <a href={generationAddress(id)}>
                {said}, {p.steps} steps, seed {p.seed}, guidance {p.guidanceScale}, {p.scheduler}
              </a>
            </li>
          ))}
        </ul>
      </details>
    </div>
  );
}
