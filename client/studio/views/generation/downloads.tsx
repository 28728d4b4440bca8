/** The chosen picture's files. */
import type { Image } from '../../../sdk/index.ts';
import { Icon } from '../../parts/icon.tsx';

export function Downloads({ image }: { readonly image: Image }) {
  const files: readonly (readonly [name: string, url: string])[] = [
    ['PNG, with its recipe inside', image.url],
    ['WebP', image.webpUrl],
    ['JPEG', image.jpegUrl],
    ...(image.latent ? ([['Latent (.safetensors)', image.latent.url]] as const) : []),
  ];
  return (
    <details
      class="menu"
      onKeyDown={event => {
        if (event.key !== 'Escape') return;
        event.currentTarget.open = false;
        event.currentTarget.querySelector('summary')?.focus();
      }}
      onFocusOut={event => {
        // Who goes on to something else is done with it.
        const to = event.relatedTarget;
        if (to instanceof Node && !event.currentTarget.contains(to)) event.currentTarget.open = false;
      }}
    >
      <summary class="button">
        <Icon name="download" />
        Download
      </summary>
      <ul>
        {files.map(([name, url]) => (
          <li key={name}>
            <a href={url} download>
              {name}
            </a>
          </li>
        ))}
      </ul>
    </details>
  );
}
