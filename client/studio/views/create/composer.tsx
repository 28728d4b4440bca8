/** The form: a prompt, settings that are folded away, and the button. */
import { useId, useRef, useState } from 'preact/hooks';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { Icon } from '../../parts/icon.tsx';
import { PromptAdvice } from '../../prompt/prompt-advice.tsx';
import { PromptBox } from '../../prompt/prompt-box.tsx';
import { useReport } from '../../prompt/use-report.ts';
import { useCheckpoint } from '../../state/checkpoints.ts';
import { change, draft } from '../../state/draft.ts';
import { developHere } from '../../state/here.ts';
import { useStore } from '../../state/store.ts';
import { Settings } from './settings.tsx';
import { usePending } from './use-pending.ts';

export function Composer() {
  const id = useId();
  const filled = useStore(draft);
  const checkpoint = useCheckpoint(filled.checkpoint);
  const report = useReport(filled.prompt, filled.negativePrompt, filled.checkpoint);
  const { error, sending, send, again, stop } = usePending();
  const [missing, setMissing] = useState(false);

  const form = useRef<HTMLFormElement>(null);

  const submit = () => {
    setMissing(filled.prompt.trim() === '');
    if (filled.prompt.trim() === '') return;
    if (filled.here) void developHere(filled);
    else send(filled);
  };
  return (
    <form
      ref={form}
      class="stack"
      onSubmit={event => {
        event.preventDefault();
        submit();
      }}
    >
      <div>
        <PromptBox
          label="Prompt"
          value={filled.prompt}
          placeholder="a cat on a red background"
          checkpoint={filled.checkpoint}
          report={report}
          describedBy={`${id}-advice`}
          onChange={prompt => {
            setMissing(false);
            change({ prompt });
          }}
          onSubmit={() => form.current?.requestSubmit()}
        />
        <PromptAdvice
          id={`${id}-advice`}
          prompt={filled.prompt}
          report={report}
          onChange={prompt => change({ prompt })}
        />
      </div>
      {missing && (
        <p class="field-error" role="alert">
          Say what the picture is to show, then press Generate.
        </p>
      )}
      <div class="row">
        <button type="submit" class="button primary">
          <Icon name="sparkle" />
          Generate
        </button>
        {filled.here && <span class="hint">in this page</span>}
        {sending > 0 && (
          <>
            <span class="hint" role="status">
              Asking the server …
            </span>
            <button type="button" class="button bare" onClick={stop}>
              Stop asking
            </button>
          </>
        )}
      </div>
      {error !== null && <ErrorNotice error={error} onRetry={again} />}
      <Settings draft={filled} checkpoint={checkpoint} />
    </form>
  );
}
