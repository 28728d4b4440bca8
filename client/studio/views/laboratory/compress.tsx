/** A picture as a small file of latents, and as a JPEG of the same size. */
import { useState } from 'preact/hooks';
import type { Compression } from '../../../sdk/index.ts';
import { size } from '../../format.ts';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { Icon } from '../../parts/icon.tsx';
import { ImageCanvas } from '../../parts/image-canvas.tsx';
import { ProgressBar } from '../../parts/progress-bar.tsx';
import { Slider } from '../../parts/slider.tsx';
import { useObjectUrl } from '../../parts/use-object-url.ts';
import { useTask } from '../../parts/use-task.ts';
import { darkroom } from '../../state/darkroom.ts';
import { type ChosenPicture, fileOf, pictureOf } from './chosen-picture.ts';
import { Compare } from './compare.tsx';
import { Exhibit } from './exhibit.tsx';
import { type JpegFile, jpegOfSize } from './jpeg.ts';
import { PictureChoice } from './picture-choice.tsx';
import { imageDataOf, readFitted } from './pixels.ts';
import './compress.css';

interface Compressed {
  readonly answer: Compression;
  readonly original: ImageData;
  readonly jpeg: JpegFile;
}

async function compress(chosen: ChosenPicture, bits: number, signal: AbortSignal): Promise<Compressed> {
  const [file, answer] = await Promise.all([
    fileOf(chosen, signal),
    darkroom.compress(pictureOf(chosen), { bits, signal }),
  ]);
  const original = imageDataOf(await readFitted(file, answer.image.width, answer.image.height));
  return { answer, original, jpeg: await jpegOfSize(original, answer.bytes) };
}

export function Compress() {
  const [chosen, setChosen] = useState<ChosenPicture | null>(null);
  const [bits, setBits] = useState(4);
  const { value, error, running, run } = useTask<Compressed>();
  const start = (picture: ChosenPicture | null, wanted: number) => {
    setChosen(picture);
    setBits(wanted);
    if (picture) run(signal => compress(picture, wanted, signal));
  };
  return (
    <div class="stack">
      <PictureChoice
        label="A picture to make small"
        chosen={chosen}
        onChoose={picture => start(picture, bits)}
        takesPaste
      />
      <Slider
        label="Bits for each number of the latent"
        value={bits}
        min={2}
        max={8}
        hint="Fewer make a smaller file that keeps less"
        onChange={wanted => start(chosen, Math.round(Math.min(8, Math.max(2, wanted))))}
      />
      {running && <ProgressBar label="Compressing" fraction={null} />}
      {error !== null && <ErrorNotice error={error} onRetry={() => start(chosen, bits)} />}
      {value && <Result {...value} />}
    </div>
  );
}

function Result({ answer, original, jpeg }: Compressed) {
  const jpegUrl = useObjectUrl(jpeg.file);
  const { width, height, url } = answer.image;
  return (
    <>
      <div class="exhibits wide">
        <Compare
          leftName={`.dklat, ${size(answer.bytes)}`}
          left={<img src={url} alt="From the .dklat file" width={width} height={height} />}
          rightName={`JPEG, ${size(jpeg.file.size)}`}
          right={jpegUrl && <img src={jpegUrl} alt="From the JPEG file" width={width} height={height} />}
        />
        <Exhibit title="Original" caption={`${size(width * height * 3)} of pixels`}>
          <ImageCanvas image={original} alt="The original, fitted" />
        </Exhibit>
      </div>
      <p class="hint">
        {jpeg.file.size > answer.bytes
          ? 'The JPEG is the smallest that this browser writes: none is as small as the .dklat.'
          : `The JPEG is the best that this browser writes at no more than that size (quality ${jpeg.quality}).`}
      </p>
      <table class="figures">
        <caption>What the server measured, with encoders of its own</caption>
        <thead>
          <tr>
            <th scope="col">File</th>
            <th scope="col" class="number">
              Bytes
            </th>
            <th scope="col" class="number">
              PSNR
            </th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">.dklat</th>
            <td>{answer.bytes}</td>
            <td>{answer.psnr.toFixed(1)} dB</td>
          </tr>
          {answer.rivals.map(({ codec, quality, bytes, psnr }) => (
            <tr key={codec}>
              <th scope="row">{`${codec}, quality ${quality}`}</th>
              <td>{bytes}</td>
              <td>{psnr.toFixed(1)} dB</td>
            </tr>
          ))}
        </tbody>
      </table>
      <div class="row">
        <a class="button" href={answer.url} download="picture.dklat">
          <Icon name="download" />
          The .dklat file
        </a>
      </div>
    </>
  );
}
