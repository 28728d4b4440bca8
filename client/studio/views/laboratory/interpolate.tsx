/** The way from one picture to another, decoded in this page while it is dragged along. */
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { readSafetensors } from '../../../../models/checkpoint/safetensors.ts';
import type { FloatTensor } from '../../../../models/runtime.ts';
import { Advice } from '../../errors.ts';
import { type InPage, openInPage } from '../../in-page/in-page.ts';
import { LoadingModel } from '../../in-page/loading-model.tsx';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { ProgressBar } from '../../parts/progress-bar.tsx';
import { useTask } from '../../parts/use-task.ts';
import { checkpoints } from '../../state/checkpoints.ts';
import { darkroom } from '../../state/darkroom.ts';
import { type ChosenPicture, nameOf } from './chosen-picture.ts';
import { PictureChoice } from './picture-choice.tsx';
import { type Shown, Way } from './way.ts';
import './interpolate.css';

interface Ends {
  readonly from: FloatTensor;
  readonly to: FloatTensor;
  /** Of both, by name. */
  readonly checkpoint: string;
  readonly inPage: InPage;
}

interface End {
  readonly tensor: FloatTensor;
  readonly checkpointDigest: string;
}

/** Files are encoded by the server first. @throws DarkroomError */
async function endOf(chosen: ChosenPicture, signal: AbortSignal): Promise<End> {
  const latent =
    chosen.kind === 'latent'
      ? await darkroom.latent(chosen.key, { signal })
      : await darkroom.encode(chosen.file, { signal });
  const file = await darkroom.download(latent.url, { signal });
  const { data, dims } = readSafetensors(new Uint8Array(await file.arrayBuffer())).get('latent')!;
  const tensor = { data: data as Float32Array, dims: [1, ...dims.slice(-3)] };
  return { tensor, checkpointDigest: latent.checkpointDigest };
}

/** @throws DarkroomError; Advice where nothing lies between the two */
async function endsOf(one: ChosenPicture, other: ChosenPicture, signal: AbortSignal): Promise<Ends> {
  const [from, to] = await Promise.all([endOf(one, signal), endOf(other, signal)]);
  const [dims, others] = [from.tensor.dims.join(' × '), to.tensor.dims.join(' × ')];
  if (dims !== others) throw new Advice(`The two pictures differ in size: their latents are ${dims} and ${others}.`);
  if (from.checkpointDigest !== to.checkpointDigest)
    throw new Advice('The two pictures are of two checkpoints: nothing lies between them.');
  const known = checkpoints.value ?? (await darkroom.checkpoints({ signal }));
  const own = known.find(({ digest }) => digest === from.checkpointDigest);
  if (!own) throw new Advice('The server has the checkpoint no more that these pictures were made with.');
  return { from: from.tensor, to: to.tensor, checkpoint: own.name, inPage: openInPage() };
}

export function Interpolate() {
  const [first, setFirst] = useState<ChosenPicture | null>(null);
  const [second, setSecond] = useState<ChosenPicture | null>(null);
  const { value, error, running, run } = useTask<Ends>();
  const join = (one: ChosenPicture | null, other: ChosenPicture | null) => {
    setFirst(one);
    setSecond(other);
    if (!one || !other) return;
    run(signal => endsOf(one, other, signal));
  };
  return (
    <div class="stack">
      <div class="way-ends">
        <PictureChoice label="From" chosen={first} onChoose={picture => join(picture, second)} />
        <PictureChoice label="To" chosen={second} onChoose={picture => join(first, picture)} />
      </div>
      {running && <ProgressBar label="Fetching the latents" fraction={null} />}
      {error !== null && <ErrorNotice error={error} onRetry={() => join(first, second)} />}
      {value && first && second && <Drag {...value} names={[nameOf(first), nameOf(second)]} />}
    </div>
  );
}

function Drag({ from, to, checkpoint, inPage, names }: Ends & { readonly names: readonly [string, string] }) {
  const id = useId();
  const canvas = useRef<HTMLCanvasElement>(null);
  const way = useRef<Way | null>(null);
  const [at, setAt] = useState(0.5);
  const [shown, setShown] = useState<Shown | null>(null);
  const [error, setError] = useState<unknown>(null);

  useEffect(() => {
    const show = (next: Shown) => {
      const { image } = next;
      const element = canvas.current!;
      if (element.width !== image.width) element.width = image.width;
      if (element.height !== image.height) element.height = image.height;
      element.getContext('2d')!.putImageData(image, 0, 0);
      setError(null);
      setShown(next);
    };
    way.current = new Way(from, to, latent => inPage.decode(latent, checkpoint), show, setError);
    way.current.go(at);
    return () => way.current?.end();
    // `at` is where it begins; going on is `go`'s business.
  }, [from, to, checkpoint, inPage]);

  return (
    <div class="way">
      <canvas
        ref={canvas}
        role="img"
        aria-label={`${Math.round(100 * at)} % of the way from ${names[0]} to ${names[1]}`}
        data-shown={shown?.at}
        width={128}
        height={128}
      />
      <div class="stack">
        <label class="label" for={id}>
          Drag from the one to the other
        </label>
        <input
          id={id}
          type="range"
          min={0}
          max={1}
          step={0.01}
          value={at}
          aria-valuetext={`${Math.round(100 * at)} % of the way`}
          onInput={event => {
            const next = Number(event.currentTarget.value);
            setAt(next);
            way.current?.go(next);
          }}
        />
        {shown ? <p class="hint">{saysOf(shown)}</p> : <LoadingModel />}
        {error !== null && <ErrorNotice error={error} />}
      </div>
    </div>
  );
}

/** The first one has waited for the model. */
function saysOf({ ms, isFirst }: Shown): string {
  return isFirst ? 'Decoded in this page' : `Decoded in this page in ${Math.round(ms)} ms`;
}
