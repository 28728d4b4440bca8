/** Inter (SIL Open Font License 1.1, https://rsms.me/inter): Latin with Vietnamese, Greek and Cyrillic. */
import cyrillic from '@fontsource/inter/files/inter-cyrillic-400-normal.woff';
import greek from '@fontsource/inter/files/inter-greek-400-normal.woff';
import latin from '@fontsource/inter/files/inter-latin-400-normal.woff';
import semiBold from '@fontsource/inter/files/inter-latin-600-normal.woff';
import moreLatin from '@fontsource/inter/files/inter-latin-ext-400-normal.woff';
import vietnamese from '@fontsource/inter/files/inter-vietnamese-400-normal.woff';
import { Face } from './face.ts';
import { Typeface } from './typeface.ts';

export type Weight = 'REGULAR' | 'SEMI_BOLD';

let made: Readonly<Record<Weight, Typeface>> | undefined;

/** Unpacked when it is first asked for. What it has no heavier letters for, it draws with the regular ones. */
export function inter(weight: Weight): Typeface {
  made ??= unpack();
  return made[weight];
}

function unpack(): Readonly<Record<Weight, Typeface>> {
  const others = [moreLatin, vietnamese, greek, cyrillic].map(file => new Face(file));
  const regular = new Face(latin);
  return {
    REGULAR: new Typeface([regular, ...others]),
    SEMI_BOLD: new Typeface([new Face(semiBold), regular, ...others]),
  };
}
