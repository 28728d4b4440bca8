/** What can be done with a generation and its chosen picture. */

import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import type { Generation, Image } from '../../../sdk/index.ts';
import { createAddress, generationAddress, searchAddress } from '../../addresses.ts';
import { adviceOn } from '../../errors.ts';
import { CopyButton } from '../../parts/copy-button.tsx';
import { Icon } from '../../parts/icon.tsx';
import { draft, useAgain, useAsStart, useWithNewSeed } from '../../state/draft.ts';
import { start } from '../../state/gallery.ts';
import { toast } from '../../state/toasts.ts';
import { requestOf } from '../create/request.ts';
import { DeleteDialog } from './delete-dialog.tsx';
import { Downloads } from './downloads.tsx';

interface ActionsProps {
  readonly generation: Generation;
  /** The chosen one; absent while there is none. */
  readonly image: Image | undefined;
}

export function Actions({ generation, image }: ActionsProps) {
  const { route } = useLocation();
  const [deleting, setDeleting] = useState(false);
  const toForm = (fill: () => void) => () => {
    fill();
    route(createAddress);
  };
  const vary = () => {
    useWithNewSeed(generation);
    route(createAddress);
    start(requestOf(draft.value), new AbortController().signal).catch(error => toast(adviceOn(error), 'bad'));
  };
  return (
    <div class="stack">
      <div class="row">
        <button type="button" class="button" onClick={toForm(() => useAgain(generation))}>
          <Icon name="repeat" />
          Use again
        </button>
        <button type="button" class="button" onClick={vary}>
          <Icon name="dice" />
          Vary: another seed
        </button>
        {image?.latent && (
          <>
            <button type="button" class="button" onClick={toForm(() => useAsStart(generation, image))}>
              <Icon name="picture" />
              Vary: start from it
            </button>
            <a class="button" href={searchAddress(image.latent.key)}>
              <Icon name="search" />
              More like this
            </a>
          </>
        )}
      </div>
      <div class="row">
        {image && <Downloads image={image} />}
        <CopyButton text={`${location.origin}${generationAddress(generation.id)}`} label="Copy link" icon="link" />
        <button type="button" class="button danger" onClick={() => setDeleting(true)}>
          <Icon name="trash" />
          Delete
        </button>
      </div>
      {deleting && <DeleteDialog generation={generation} onClose={() => setDeleting(false)} />}
    </div>
  );
}
