/**
 * Where a prompt is typed. Suggestions of the vocabulary open below it: arrows choose, Enter or Tab takes, Escape closes.
 * Enter with none chosen submits, Shift+Enter begins a new line. Words that the checkpoint does not know are underlined.
 */
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { PromptReport } from '../../sdk/index.ts';
import { piecesOf } from './marked.ts';
import { type Suggestion, take } from './suggestions.ts';
import { useSuggestions } from './use-suggestions.ts';
import './prompt-box.css';

interface PromptBoxProps {
  readonly label: string;
  readonly value: string;
  readonly placeholder?: string;
  readonly checkpoint: string | null;
  readonly report: PromptReport | null;
  /** Ids of what tells about the prompt. */
  readonly describedBy?: string | undefined;
  readonly onChange: (prompt: string) => void;
  readonly onSubmit: () => void;
}

export function PromptBox(props: PromptBoxProps) {
  const { label, value, placeholder, checkpoint, report, describedBy, onChange, onSubmit } = props;
  const id = useId();
  const box = useRef<HTMLTextAreaElement>(null);
  const mirror = useRef<HTMLDivElement>(null);
  /** Null: no suggestions are wanted. */
  const [caret, setCaret] = useState<number | null>(null);
  const [active, setActive] = useState<number | null>(null);
  const moved = useRef<number | null>(null);
  const suggestions = useSuggestions(value, caret, checkpoint);
  const open = caret !== null && suggestions.length > 0;
  const chosen = open && active !== null ? suggestions[active] : undefined;

  useLayoutEffect(() => {
    if (moved.current === null) return;
    box.current?.setSelectionRange(moved.current, moved.current);
    moved.current = null;
  }, [value]);

  const close = () => {
    setCaret(null);
    setActive(null);
  };
  const accept = (suggestion: Suggestion) => {
    const taken = take(value, caret ?? value.length, suggestion);
    moved.current = taken.caret;
    onChange(taken.prompt);
    close();
    box.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    const down = event.key === 'ArrowDown';
    if (open && (down || event.key === 'ArrowUp')) {
      event.preventDefault();
      setActive(stepped(active, down ? 1 : -1, suggestions.length));
    } else if (open && event.key === 'Escape') {
      event.preventDefault();
      close();
    } else if (chosen && (event.key === 'Enter' || event.key === 'Tab') && !event.shiftKey) {
      event.preventDefault();
      accept(chosen);
    } else if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      close();
      onSubmit();
    }
  };

  return (
    <div class="field">
      <label class="unseen" for={id}>
        {label}
      </label>
      <div class="prompt">
        <div ref={mirror} class="prompt-mirror" aria-hidden="true">
          {piecesOf(value, report?.unknownWords ?? []).map(({ text, unknown }, place) =>
            unknown ? <mark key={place}>{text}</mark> : text,
          )}
          {/* A last empty line has no height of its own. */}
          {'\u200b'}
        </div>
        <textarea
          ref={box}
          id={id}
          class="prompt-text"
          rows={1}
          value={value}
          placeholder={placeholder}
          autocomplete="off"
          spellcheck={false}
          aria-autocomplete="list"
          aria-haspopup="listbox"
          aria-controls={open ? `${id}-list` : undefined}
          aria-activedescendant={chosen ? `${id}-${active}` : undefined}
          aria-describedby={describedBy}
          aria-invalid={report?.allowed === false ? true : undefined}
          onInput={event => {
            setActive(null);
            setCaret(event.currentTarget.selectionEnd);
            onChange(event.currentTarget.value);
          }}
          onKeyDown={onKeyDown}
          onScroll={event => {
            if (mirror.current) mirror.current.scrollTop = event.currentTarget.scrollTop;
          }}
          onBlur={close}
        />
        {open && (
          <div class="prompt-list" role="listbox" id={`${id}-list`} aria-label="Suggestions">
            {suggestions.map((suggestion, place) => (
              // biome-ignore lint/a11y/useFocusableInteractive: the text box has the focus, and says which is active
              // biome-ignore lint/a11y/useKeyWithClickEvents: the text box has the keys
              <div
                key={suggestion.phrase}
                role="option"
                id={`${id}-${place}`}
                aria-selected={place === active}
                // The text box keeps the focus.
                onMouseDown={event => event.preventDefault()}
                onClick={() => accept(suggestion)}
              >
                <span>{suggestion.phrase}</span>
                <span class="hint">{suggestion.kind}</span>
              </div>
            ))}
          </div>
        )}
      </div>
      <p class="unseen" aria-live="polite">
        {open ? `${suggestions.length} suggestion${suggestions.length === 1 ? '' : 's'}, arrow keys choose` : ''}
      </p>
    </div>
  );
}

/** The place one further, round the end; beyond the first and the last there is none chosen. */
function stepped(active: number | null, step: 1 | -1, count: number): number | null {
  const next = active === null ? (step > 0 ? 0 : count - 1) : active + step;
  return next < 0 || next >= count ? null : next;
}
