/** A picture that somebody has chosen: a file of theirs, or one of the server's. */
import type { Generation, Picture } from '../../../sdk/index.ts';
import { darkroom } from '../../state/darkroom.ts';

export type ChosenPicture =
  | { readonly kind: 'file'; readonly file: File }
  | { readonly kind: 'latent'; readonly key: string; readonly url: string; readonly name: string };

/** As the API takes it. */
export function pictureOf(chosen: ChosenPicture): Picture {
  return chosen.kind === 'file' ? chosen.file : { latentKey: chosen.key };
}

/** The file of it. @throws DarkroomError */
export async function fileOf(chosen: ChosenPicture, signal: AbortSignal): Promise<Blob> {
  return chosen.kind === 'file' ? chosen.file : darkroom.download(chosen.url, { signal });
}

export function nameOf(chosen: ChosenPicture): string {
  return chosen.kind === 'file' ? chosen.file.name : chosen.name;
}

/** The pictures of generations that have a latent, newest first, each once. */
export function choicesOf(generations: readonly Generation[]): (ChosenPicture & { kind: 'latent' })[] {
  const choices = generations.flatMap(({ prompt, images }) =>
    images.flatMap(({ latent, url }) =>
      latent ? [{ kind: 'latent' as const, key: latent.key, url, name: prompt }] : [],
    ),
  );
  const seen = new Set<string>();
  return choices.filter(({ key }) => !seen.has(key) && seen.add(key));
}
