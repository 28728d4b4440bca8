/** A picture through the autoencoder and back. */
import { useState } from 'preact/hooks';
import type { Pixels } from '../../../../models/fit.ts';
import type { Reconstruction } from '../../../sdk/index.ts';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { ImageCanvas } from '../../parts/image-canvas.tsx';
import { ProgressBar } from '../../parts/progress-bar.tsx';
import { Slider } from '../../parts/slider.tsx';
import { useTask } from '../../parts/use-task.ts';
import { darkroom } from '../../state/darkroom.ts';
import { type ChosenPicture, fileOf, pictureOf } from './chosen-picture.ts';
import { errorMap } from './error-map.ts';
import { Exhibit } from './exhibit.tsx';
import { Facts } from './facts.tsx';
import { PictureChoice } from './picture-choice.tsx';
import { imageDataOf, readFitted, readPixels } from './pixels.ts';

interface Reconstructed {
  readonly answer: Reconstruction;
  readonly original: Pixels;
  readonly restored: Pixels;
  /** The same as they are drawn: once, whatever the slider does. */
  readonly shown: { readonly original: ImageData; readonly restored: ImageData };
}

async function reconstruct(chosen: ChosenPicture, signal: AbortSignal): Promise<Reconstructed> {
  const [file, answer] = await Promise.all([
    fileOf(chosen, signal),
    darkroom.reconstruct(pictureOf(chosen), { signal }),
  ]);
  const restored = await readPixels(await darkroom.download(answer.image.url, { signal }));
  const original = await readFitted(file, restored.width, restored.height);
  return { answer, original, restored, shown: { original: imageDataOf(original), restored: imageDataOf(restored) } };
}

export function Reconstruct() {
  const [chosen, setChosen] = useState<ChosenPicture | null>(null);
  const [gain, setGain] = useState(4);
  const { value, error, running, run } = useTask<Reconstructed>();
  const choose = (picture: ChosenPicture) => {
    setChosen(picture);
    run(signal => reconstruct(picture, signal));
  };
  return (
    <div class="stack">
      <PictureChoice label="A picture to reconstruct" chosen={chosen} onChoose={choose} takesPaste />
      {running && <ProgressBar label="Encoding and decoding" fraction={null} />}
      {error !== null && <ErrorNotice error={error} onRetry={chosen ? () => choose(chosen) : undefined} />}
      {value && (
        <>
          <div class="exhibits">
            <Exhibit title="Original" caption="at the checkpoint’s own size">
              <ImageCanvas image={value.shown.original} alt="The original, fitted" />
            </Exhibit>
            <Exhibit title="Reconstruction" caption={`${value.answer.psnr.toFixed(1)} dB`}>
              <ImageCanvas image={value.shown.restored} alt="What the decoder makes of its latent" />
            </Exhibit>
            <Exhibit title="Error" caption={`differences × ${gain}`}>
              <ImageCanvas
                image={imageDataOf(errorMap(value.original, value.restored, gain))}
                alt="Where the two differ"
              />
            </Exhibit>
          </div>
          <Slider label="Magnify the error" value={gain} min={1} max={16} onChange={setGain} />
          <Verdict answer={value.answer} />
        </>
      )}
    </div>
  );
}

function Verdict({ answer }: { readonly answer: Reconstruction }) {
  const { outlier, outlierScore, psnr, mse, bitsPerPixelIn, bitsPerPixelLatent } = answer;
  return (
    <>
      {outlierScore !== null && (
        <p class="verdict" role="status">
          {outlier
            ? 'An outlier: the autoencoder errs here more than on nearly all scenes of the kind it learned from.'
            : 'Not an outlier: the autoencoder errs here as it does on scenes of the kind it learned from.'}
        </p>
      )}
      <Facts
        facts={[
          ...(outlierScore === null
            ? []
            : [
                {
                  name: 'Stranger than',
                  value: `${(100 * outlierScore).toFixed(1)} %`,
                  hint: 'of held-out scenes; what a model draws itself may be an outlier, too',
                },
              ]),
          { name: 'PSNR', value: `${psnr.toFixed(2)} dB`, hint: 'more is nearer to the original' },
          { name: 'Mean squared error', value: mse.toFixed(1), hint: 'of values from 0 to 255' },
          {
            name: 'Bits per pixel',
            value: `${bitsPerPixelIn.toFixed(1)} → ${bitsPerPixelLatent.toFixed(2)}`,
            hint: 'of the file, and of its latent',
          },
        ]}
      />
    </>
  );
}
