/** The chosen picture, large, and the others to choose from; while there is none, the preview. */
import { type Generation, hasEnded } from '../../../sdk/index.ts';
import { PictureCard } from '../../parts/picture-card.tsx';
import { statusOf } from '../../words.ts';

interface PicturesProps {
  readonly generation: Generation;
  /** Its place among the images. */
  readonly chosen: number;
  readonly onChoose: (place: number) => void;
}

export function Pictures({ generation, chosen, onChoose }: PicturesProps) {
  const { images, preview, prompt, parameters } = generation;
  const image = images[Math.min(chosen, images.length - 1)];
  const ended = hasEnded(generation);
  return (
    <>
      <PictureCard
        src={image?.url ?? (ended ? null : (preview?.dataUri ?? null))}
        alt={prompt}
        width={parameters.width}
        height={parameters.height}
        rough={image === undefined}
        still={ended && image === undefined ? statusOf(generation) : undefined}
      />
      {images.length > 1 && (
        <fieldset class="strip">
          <legend class="unseen">Which picture</legend>
          {images.map(({ id, url, width, height, seed }, place) => (
            <button
              key={id}
              type="button"
              aria-pressed={place === chosen}
              aria-label={`Picture ${place + 1}, seed ${seed}`}
              onClick={() => onChoose(place)}
            >
              <img src={url} alt="" width={width} height={height} />
            </button>
          ))}
        </fieldset>
      )}
    </>
  );
}
