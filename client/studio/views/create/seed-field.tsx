/** What the noise is drawn from: a number, or none, and another one every time. */
import { useId } from 'preact/hooks';
import { Icon } from '../../parts/icon.tsx';
import { change } from '../../state/draft.ts';

/** As the schema's Seed has it. */
const most = Number.MAX_SAFE_INTEGER;

export function SeedField({ seed }: { readonly seed: number | null }) {
  const id = useId();
  return (
    <div class="field">
      <label class="label" for={id}>
        Seed
      </label>
      <div class="with-button">
        <input
          id={id}
          class="input"
          type="number"
          min={0}
          max={most}
          value={seed ?? ''}
          placeholder="Another one every time"
          onInput={event => {
            const { value, valueAsNumber } = event.currentTarget;
            change({ seed: value === '' || Number.isNaN(valueAsNumber) ? null : valueAsNumber });
          }}
        />
        <button type="button" class="button" disabled={seed === null} onClick={() => change({ seed: null })}>
          <Icon name="dice" />
          Random
        </button>
      </div>
    </div>
  );
}
