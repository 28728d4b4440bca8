/** The picture whose like is looked for. */

import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { PicturedLatent } from '../../../sdk/index.ts';
import { generationAddress } from '../../addresses.ts';
import { useObjectUrl } from '../../parts/use-object-url.ts';
import { darkroom } from '../../state/darkroom.ts';
import type { Query } from './query.ts';

export function Subject({ query }: { readonly query: Exclude<Query, { kind: 'text' }> }) {
  return query.kind === 'file' ? <FileSubject file={query.file} /> : <LatentSubject latentKey={query.key} />;
}

function FileSubject({ file }: { readonly file: File }) {
  return (
    <Shown src={useObjectUrl(file)}>
      <p>Like {file.name}</p>
    </Shown>
  );
}

function LatentSubject({ latentKey }: { readonly latentKey: string }) {
  const [latent, setLatent] = useState<PicturedLatent | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    // What is wrong with the key the search itself tells.
    darkroom.latent(latentKey, { signal: stop.signal }).then(setLatent, () => setLatent(null));
    return () => stop.abort();
  }, [latentKey]);
  const made = latent?.generation;
  return (
    <Shown src={latent?.image?.url ?? null}>
      <p>Like {made ? <a href={generationAddress(made.id)}>{made.prompt}</a> : 'this picture'}</p>
    </Shown>
  );
}

function Shown({ src, children }: { readonly src: string | null; readonly children: ComponentChildren }) {
  const [broken, setBroken] = useState<string | null>(null);
  return (
    <div class="subject">
      <span class={`frame${src === null ? ' waits' : ''}`} style={{ aspectRatio: '1' }}>
        {src !== null && src !== broken && <img src={src} alt="" onError={() => setBroken(src)} />}
      </span>
      {children}
    </div>
  );
}
