/** A picture of one's own: chosen, dropped, or pasted while the mouse or the focus is on the page (`takesPaste`). */
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useState } from 'preact/hooks';
import { Icon } from './icon.tsx';
import './file-drop.css';

interface FileDropProps {
  readonly label: string;
  readonly onFile: (file: File) => void;
  /** MIME types and endings, as `<input accept>` has them. */
  readonly accept?: string;
  /** Whether a picture that is pasted anywhere on the page is meant for this one. */
  readonly takesPaste?: boolean;
  readonly children?: ComponentChildren;
}

export const pictureTypes = 'image/png,image/jpeg,image/webp';

export function FileDrop({ label, onFile, accept = pictureTypes, takesPaste = false, children }: FileDropProps) {
  const id = useId();
  const [over, setOver] = useState(false);
  useEffect(() => {
    if (!takesPaste) return;
    const paste = (event: ClipboardEvent) => {
      const file = [...(event.clipboardData?.files ?? [])].find(({ type }) => type.startsWith('image/'));
      if (file) onFile(file);
    };
    addEventListener('paste', paste);
    return () => removeEventListener('paste', paste);
  }, [takesPaste, onFile]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a convenience; the input within does the same
    <div
      class={`drop${over ? ' over' : ''}`}
      onDragOver={event => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={event => {
        event.preventDefault();
        setOver(false);
        const [file] = event.dataTransfer?.files ?? [];
        if (file) onFile(file);
      }}
    >
      <input
        id={id}
        class="drop-input"
        type="file"
        accept={accept}
        onChange={event => {
          const [file] = event.currentTarget.files ?? [];
          // The same file may be chosen again.
          event.currentTarget.value = '';
          if (file) onFile(file);
        }}
      />
      <label for={id}>
        <Icon name="picture" />
        <span>{label}</span>
        {children}
      </label>
    </div>
  );
}
