/** Three kinds of chance. */
import { useEffect, useState } from 'preact/hooks';
import type { RandomImageKind } from '../../../sdk/index.ts';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { Icon } from '../../parts/icon.tsx';
import { useTask } from '../../parts/use-task.ts';
import { darkroom } from '../../state/darkroom.ts';
import { Exhibit } from './exhibit.tsx';

const kinds: readonly { readonly kind: RandomImageKind; readonly title: string; readonly says: string }[] = [
  { kind: 'PIXELS', title: 'Random pixels', says: 'Every picture that there could be, each as likely as the next' },
  { kind: 'LATENT', title: 'A random latent', says: 'What the decoder makes of noise: smooth, with edges' },
  { kind: 'DATA', title: 'A random thing', says: 'Drawn from the world that the model learned' },
];

export function Chance() {
  const [seed, setSeed] = useState<number | null>(null);
  const draw = () => setSeed(crypto.getRandomValues(new Uint32Array(1))[0]!);
  return (
    <div class="stack">
      <div class="row">
        <button type="button" class="button primary" onClick={draw}>
          <Icon name="dice" />
          {seed === null ? 'Draw' : 'Draw again'}
        </button>
        {seed !== null && <span class="hint">seed {seed}</span>}
      </div>
      <div class="exhibits">
        {kinds.map(({ kind, title, says }) => (
          <Drawn key={kind} kind={kind} title={title} says={says} seed={seed} />
        ))}
      </div>
    </div>
  );
}

interface DrawnProps {
  readonly kind: RandomImageKind;
  readonly title: string;
  readonly says: string;
  readonly seed: number | null;
}

function Drawn({ kind, title, says, seed }: DrawnProps) {
  const { value, error, running, run } = useTask<{ readonly url: string; readonly width: number; height: number }>();
  useEffect(() => {
    if (seed !== null) run(async signal => (await darkroom.randomImage({ kind, seed }, { signal })).image);
  }, [kind, seed, run]);
  if (error !== null) return <ErrorNotice error={error} />;
  return (
    <Exhibit title={title} caption={says}>
      {value && (
        <img src={value.url} alt={title} width={value.width} height={value.height} class={running ? 'fading' : ''} />
      )}
    </Exhibit>
  );
}
