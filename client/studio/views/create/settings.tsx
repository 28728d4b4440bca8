/** Everything beside the prompt, folded away; what is not set is the checkpoint's own. */
import { useId, useState } from 'preact/hooks';
import type { Checkpoint, ReusePolicy, Scheduler } from '../../../sdk/index.ts';
import { Choice } from '../../parts/choice.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Slider } from '../../parts/slider.tsx';
import { checkpoints } from '../../state/checkpoints.ts';
import { change, type Draft, makeHere, reset } from '../../state/draft.ts';
import { useStore } from '../../state/store.ts';
import { reusePolicies, schedulers } from '../../words.ts';
import { SeedField } from './seed-field.tsx';
import './settings.css';
import { StartField } from './start-field.tsx';

interface SettingsProps {
  readonly draft: Draft;
  /** Null until it is known. */
  readonly checkpoint: Checkpoint | null;
}

export function Settings({ draft, checkpoint }: SettingsProps) {
  // What was filled in from elsewhere is to be seen. After that it is as it was left.
  const [open, setOpen] = useState(draft.start !== null);
  return (
    // A field that is not valid is shown before the browser says so.
    <details
      class="settings"
      open={open}
      onToggle={event => setOpen(event.currentTarget.open)}
      onInvalidCapture={event => {
        event.currentTarget.open = true;
      }}
    >
      <summary>
        <span>Settings</span>
        <span class="hint">{checkpoint === null ? '\u00a0' : summary(draft, checkpoint)}</span>
      </summary>
      {checkpoint !== null && <Fields draft={draft} checkpoint={checkpoint} />}
    </details>
  );
}

function Fields({ draft, checkpoint }: { readonly draft: Draft; readonly checkpoint: Checkpoint }) {
  const id = useId();
  const all = useStore(checkpoints) ?? [];
  const { defaults, limits } = checkpoint;
  // Smaller ones are accepted, and show nothing.
  const sizes = (most: number, usual: number) =>
    Array.from({ length: Math.floor(most / limits.multipleOf) }, (_, i) => (i + 1) * limits.multipleOf).filter(
      size => size >= usual / 2,
    );
  return (
    <div class="stack settings-fields">
      {all.length > 1 && (
        <Choice
          label="Checkpoint"
          value={checkpoint.name}
          options={all.map(({ name }) => [name, name])}
          onChange={name => change({ checkpoint: name })}
        />
      )}
      <div class="field">
        <label class="label" for={`${id}-negative`}>
          Not to show
        </label>
        <textarea
          id={`${id}-negative`}
          class="input"
          rows={2}
          value={draft.negativePrompt}
          onInput={event => change({ negativePrompt: event.currentTarget.value })}
        />
      </div>
      <SeedField seed={draft.seed} />
      <Slider
        label="Steps"
        value={draft.steps ?? defaults.steps}
        min={1}
        max={limits.maxSteps}
        dragMax={Math.min(limits.maxSteps, 100)}
        onChange={steps => change({ steps })}
      />
      <Slider
        label="Guidance scale: how strongly the prompt steers"
        value={draft.guidanceScale ?? defaults.guidanceScale}
        min={0}
        max={100}
        dragMax={20}
        step={0.5}
        onChange={guidanceScale => change({ guidanceScale })}
      />
      <Choice<Scheduler>
        label="Scheduler"
        value={draft.scheduler ?? defaults.scheduler}
        options={checkpoint.schedulers.map(name => [name, schedulers[name]])}
        onChange={scheduler => change({ scheduler })}
      />
      <div class="settings-pair">
        <Choice
          label="Width"
          value={String(draft.width ?? defaults.width)}
          options={sizes(limits.maxWidth, defaults.width).map(size => [String(size), `${size} px`])}
          onChange={width => change({ width: Number(width) })}
        />
        <Choice
          label="Height"
          value={String(draft.height ?? defaults.height)}
          options={sizes(limits.maxHeight, defaults.height).map(size => [String(size), `${size} px`])}
          onChange={height => change({ height: Number(height) })}
        />
      </div>
      <HereField here={draft.here} />
      {!draft.here && <OnServer draft={draft} checkpoint={checkpoint} />}
      <div class="row">
        <button type="button" class="button bare" onClick={reset}>
          <Icon name="repeat" />
          All as the checkpoint has it
        </button>
      </div>
    </div>
  );
}

function HereField({ here }: { readonly here: boolean }) {
  return (
    <div class="field">
      <label class="check">
        <input type="checkbox" checked={here} onChange={event => makeHere(event.currentTarget.checked)} />
        Develop here, in this page
      </label>
      <p class="hint">
        The browser fetches the model once and computes by itself: the same picture, kept nowhere else.
      </p>
    </div>
  );
}

/** What only the server does. */
function OnServer({ draft, checkpoint }: { readonly draft: Draft; readonly checkpoint: Checkpoint }) {
  return (
    <>
      <Slider
        label="How many"
        value={draft.count}
        min={1}
        max={checkpoint.limits.maxCount}
        onChange={count => change({ count })}
      />
      <Choice<ReusePolicy>
        label="What may be used again"
        value={draft.reuse ?? 'EXACT'}
        options={(['EXACT', 'APPROXIMATE', 'NONE'] as const).map(policy => [policy, reusePolicies[policy]])}
        onChange={reuse => change({ reuse })}
      />
      {checkpoint.discriminator && (
        <label class="check">
          <input
            type="checkbox"
            checked={draft.score}
            onChange={event => change({ score: event.currentTarget.checked })}
          />
          Score: how much each looks like what the checkpoint learned from
        </label>
      )}
      <StartField start={draft.start} strength={draft.strength} />
    </>
  );
}

function summary(draft: Draft, { defaults }: Checkpoint): string {
  const width = draft.width ?? defaults.width;
  const height = draft.height ?? defaults.height;
  return [
    `${draft.steps ?? defaults.steps} steps`,
    schedulers[draft.scheduler ?? defaults.scheduler],
    `${width} × ${height}`,
    draft.count > 1 ? `${draft.count} pictures` : '',
    draft.seed === null ? 'random seed' : `seed ${draft.seed}`,
    draft.start ? 'from a picture' : '',
    draft.here ? 'in this page' : '',
  ]
    .filter(Boolean)
    .join(' · ');
}
