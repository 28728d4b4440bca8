import type { Darkroom } from '../sdk/index.ts';
import type { Call } from './command.ts';

/** A picture in the terminal, where it can show any. @param url of a PNG */
export async function shown(
  darkroom: Darkroom,
  url: string | undefined,
  { screen, signal }: Pick<Call, 'screen' | 'signal'>,
): Promise<void> {
  if (!url || !screen.showsPictures) return;
  screen.picture(await (await darkroom.download(url, { signal })).bytes());
}
