/** Where encodings lie: pictures at their places on a plane. */

import { apart } from '../../client/studio/views/map/apart.ts';
import { principalComponents } from '../../models/principal-components.ts';
import { embedPictures, type Space } from '../features/embeddings.ts';
import { markdownTable } from '../markdown-table.ts';
import { type Made, type Material, shown } from './chapter.ts';
import { drawn } from './layout.ts';

const EXTENT = 600;
const THUMBNAIL = 44;

export async function encodingMap({ api, scenes }: Material): Promise<Made> {
  const files = scenes.filter(({ thing }) => thing !== null).map(({ file }) => file);
  const draw = async (space: Space) => {
    const places = filling(principalComponents(await embedPictures(api, files, space)));
    const placed = apart(places, THUMBNAIL, EXTENT).map(([x, y], i) => ({
      file: files[i]!,
      left: Math.round(x),
      top: Math.round(y),
    }));
    return drawn(placed, THUMBNAIL, EXTENT, EXTENT);
  };
  const pictures = new Map([
    ['map-latent', await draw('LATENT')],
    ['map-embedding', await draw('EMBEDDING')],
  ]);
  const says = 'pictures at the places of their encodings on a plane';
  const row = ['map-latent', 'map-embedding'].map(name => shown(name, 430, says));
  return {
    pictures,
    parts: { map: markdownTable(['by their codes (`LATENT`)', 'by what they show (`EMBEDDING`)'], [row]) },
  };
}

/** Both axes stretched to what there is room for. */
function filling(places: readonly (readonly [number, number])[]): [number, number][] {
  const stretch = (axis: 0 | 1) => {
    const values = places.map(place => place[axis]);
    const [least, most] = [Math.min(...values), Math.max(...values)];
    return (value: number) => ((value - least) / (most - least || 1)) * (EXTENT - THUMBNAIL);
  };
  const [x, y] = [stretch(0), stretch(1)];
  return places.map(place => [x(place[0]), y(place[1])]);
}
