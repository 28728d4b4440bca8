/** Whether a generation is really to be deleted: nothing brings it back. */

import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import type { Generation } from '../../../sdk/index.ts';
import { createAddress } from '../../addresses.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { remove } from '../../state/gallery.ts';
import { toast } from '../../state/toasts.ts';

interface DeleteDialogProps {
  readonly generation: Generation;
  readonly onClose: () => void;
}

export function DeleteDialog({ generation, onClose }: DeleteDialogProps) {
  const { route } = useLocation();
  const [error, setError] = useState<unknown>(null);
  const [deleting, setDeleting] = useState(false);
  const confirm = async () => {
    setDeleting(true);
    try {
      await remove(generation.id);
      toast('Deleted');
      route(createAddress, true);
    } catch (thrown) {
      setError(thrown);
      setDeleting(false);
    }
  };
  return (
    <Dialog title="Delete this generation?" onClose={onClose}>
      <p>
        Its pictures go, and what nothing else uses of its latents. This cannot be undone, and its link leads nowhere
        then.
      </p>
      {error !== null && <ErrorNotice error={error} />}
      <div class="row">
        <button type="button" class="button" onClick={onClose}>
          Keep it
        </button>
        <button type="button" class="button danger" disabled={deleting} onClick={confirm}>
          Delete
        </button>
      </div>
    </Dialog>
  );
}
