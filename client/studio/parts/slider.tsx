/** A number by hand: dragged, or typed. */
import { useId } from 'preact/hooks';
import './slider.css';

interface SliderProps {
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step?: number;
  /** As far as dragging goes, where typing may go further. Default: `max`. */
  readonly dragMax?: number;
  readonly hint?: string;
  readonly onChange: (value: number) => void;
}

export function Slider({ label, value, min, max, step = 1, dragMax = max, hint, onChange }: SliderProps) {
  const id = useId();
  const take = (text: string) => {
    const number = Number(text);
    if (text.trim() !== '' && Number.isFinite(number)) onChange(number);
  };
  return (
    <div class="field">
      <label class="label" for={id}>
        {label}
      </label>
      <div class="slider">
        <input
          type="range"
          aria-label={`${label}, drag`}
          min={min}
          max={dragMax}
          step={step}
          value={Math.min(value, dragMax)}
          onInput={event => take(event.currentTarget.value)}
        />
        <input
          id={id}
          class="input"
          type="number"
          min={min}
          max={max}
          step={step}
          value={value}
          aria-describedby={hint === undefined ? undefined : `${id}-hint`}
          onInput={event => take(event.currentTarget.value)}
        />
      </div>
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}
