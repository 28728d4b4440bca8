/** What the discriminator and the embedder say of a picture. */
import { useState } from 'preact/hooks';
import { type Classification, isDarkroomError, type Score } from '../../../sdk/index.ts';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { ProgressBar } from '../../parts/progress-bar.tsx';
import { useTask } from '../../parts/use-task.ts';
import { darkroom } from '../../state/darkroom.ts';
import { type ChosenPicture, pictureOf } from './chosen-picture.ts';
import { PictureChoice } from './picture-choice.tsx';
import './judge.css';

interface Judgement {
  /** Null: the checkpoint has no discriminator. */
  readonly score: Score | null;
  /** Null: it has no embedder, or no vocabulary. */
  readonly classes: readonly Classification[] | null;
}

const mostClasses = 6;

async function judge(chosen: ChosenPicture, signal: AbortSignal): Promise<Judgement> {
  const picture = pictureOf(chosen);
  const [score, classes] = await Promise.all([
    darkroom.discriminate(picture, { signal }).catch(nullWhereUnsupported),
    darkroom.classify(picture, { first: mostClasses, signal }).catch(nullWhereUnsupported),
  ]);
  return { score, classes };
}

function nullWhereUnsupported(error: unknown): null {
  if (isDarkroomError(error) && error.code === 'UNSUPPORTED') return null;
  throw error;
}

export function Judge() {
  const [chosen, setChosen] = useState<ChosenPicture | null>(null);
  const { value, error, running, run } = useTask<Judgement>();
  const choose = (picture: ChosenPicture) => {
    setChosen(picture);
    run(signal => judge(picture, signal));
  };
  return (
    <div class="stack">
      <PictureChoice label="A picture to be judged" chosen={chosen} onChoose={choose} takesPaste />
      {running && <ProgressBar label="Looking at it" fraction={null} />}
      {error !== null && <ErrorNotice error={error} onRetry={chosen ? () => choose(chosen) : undefined} />}
      {value && (
        <div class="judgements">
          <Realness score={value.score} />
          <Classes classes={value.classes} />
        </div>
      )}
    </div>
  );
}

function Realness({ score }: Pick<Judgement, 'score'>) {
  return (
    <section class="stack" aria-labelledby="real-title">
      <h2 id="real-title">Like the data it learned from?</h2>
      {score === null ? (
        <p class="hint">This checkpoint has no discriminator.</p>
      ) : (
        <>
          <p class="verdict" role="status">
            {score.real ? 'Yes' : 'No'}
          </p>
          <Bar name="Score" fraction={score.score} says={score.score.toFixed(3)} />
        </>
      )}
    </section>
  );
}

function Classes({ classes }: Pick<Judgement, 'classes'>) {
  return (
    <section class="stack" aria-labelledby="shows-title">
      <h2 id="shows-title">What does it show?</h2>
      {classes === null ? (
        <p class="hint">This checkpoint has no embedder.</p>
      ) : (
        classes.map(({ label, probability }) => (
          <Bar key={label} name={label} fraction={probability} says={`${(100 * probability).toFixed(1)} %`} />
        ))
      )}
    </section>
  );
}

function Bar({ name, fraction, says }: { readonly name: string; readonly fraction: number; readonly says: string }) {
  return (
    <div class="bar">
      <span>{name}</span>
      <meter min={0} max={1} value={fraction} aria-label={`${name}: ${says}`} />
      <span class="hint">{says}</span>
    </div>
  );
}
