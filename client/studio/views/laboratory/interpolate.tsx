/** The way from one picture to another, decoded in this page while it is dragged along. */
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { readSafetensors } from '../../../../models/checkpoint/safetensors.ts';
import type { FloatTensor } from '../../../../models/runtime.ts';
import { type InPage, openInPage } from '../../in-page/in-page.ts';
import { LoadingModel } from '../../in-page/loading-model.tsx';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { useTask } from '../../parts/use-task.ts';
import { darkroom } from '../../state/darkroom.ts';
import { type ChosenPicture, nameOf } from './chosen-picture.ts';
import { PictureChoice } from './picture-choice.tsx';
import { type Shown, Way } from './way.ts';
import './interpolate.css';

interface Ends {
  readonly from: FloatTensor;
  readonly to: FloatTensor;
  readonly inPage: InPage;
}

/** Files are encoded by the server first. @throws DarkroomError */
async function latentOf(chosen: ChosenPicture, signal: AbortSignal): Promise<FloatTensor> {
  const latent =
    chosen.kind === 'latent'
      ? await darkroom.latent(chosen.key, { signal })
      : await darkroom.encode(chosen.file, { signal });
  const file = await darkroom.download(latent.url, { signal });
  const { data, dims } = readSafetensors(new Uint8Array(await file.arrayBuffer())).get('latent')!;
  return { data: data as Float32Array, dims: [1, ...dims.slice(-3)] };
}

export function Interpolate() {
  const [first, setFirst] = useState<ChosenPicture | null>(null);
  const [second, setSecond] = useState<ChosenPicture | null>(null);
  const { value, error, running, run } = useTask<Ends>();
  const join = (one: ChosenPicture | null, other: ChosenPicture | null) => {
    setFirst(one);
    setSecond(other);
    if (!one || !other) return;
    run(async signal => {
      const [from, to, inPage] = await Promise.all([latentOf(one, signal), latentOf(other, signal), openInPage()]);
      if (from.dims.join() !== to.dims.join()) {
        throw new RangeError(`the two pictures’ sizes differ: latents [${from.dims}] and [${to.dims}]`);
      }
      return { from, to, inPage };
    });
  };
  return (
    <div class="stack">
      <div class="way-ends">
        <PictureChoice label="From" chosen={first} onChoose={picture => join(picture, second)} />
        <PictureChoice label="To" chosen={second} onChoose={picture => join(first, picture)} />
      </div>
      {running && <LoadingModel />}
      {error !== null && <ErrorNotice error={error} onRetry={() => join(first, second)} />}
      {value && first && second && <Drag {...value} names={[nameOf(first), nameOf(second)]} />}
    </div>
  );
}

function Drag({ from, to, inPage, names }: Ends & { readonly names: readonly [string, string] }) {
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
    way.current = new Way(from, to, latent => inPage.decode(latent), show, setError);
    way.current.go(at);
    return () => way.current?.end();
    // `at` is where it begins; going on is `go`'s business.
  }, [from, to, inPage]);

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
      <p class="hint mono">{shown ? `decoded here in ${Math.round(shown.ms)} ms` : 'decoding …'}</p>
      {error !== null && <ErrorNotice error={error} />}
    </div>
  );
}
