/** Where pictures lie on the map. */
import { principalComponents } from '../../../../models/principal-components.ts';
import { apart } from './apart.ts';

export interface Place {
  /** Of the upper left corner, as a part of the map's width and height: 0 to 1. */
  readonly left: number;
  readonly top: number;
}

/** The map's side, of which a picture's side is a part: where they are moved apart is computed on it. */
const EXTENT = 1000;

/**
 * Places at which what is alike lies close together: along the two directions in which the encodings differ most, stretched
 * to all the room there is, and moved apart where pictures would lie on each other.
 * @param vectors one for each picture, of the same length
 * @param side a picture's, as a part of the map's
 */
export function placesOf(vectors: readonly Float32Array[], side: number): Place[] {
  if (vectors.length === 0) return [];
  const flat = principalComponents(vectors);
  const thumbnail = side * EXTENT;
  const stretch = (axis: 0 | 1) => {
    const values = flat.map(place => place[axis]);
    const [least, most] = [Math.min(...values), Math.max(...values)];
    // One picture, or several that are the same, lie in the middle.
    return (value: number) => (most === least ? 0.5 : (value - least) / (most - least)) * (EXTENT - thumbnail);
  };
  const [x, y] = [stretch(0), stretch(1)];
  const places = flat.map(place => [x(place[0]), y(place[1])] as const);
  return apart(places, thumbnail, EXTENT).map(([left, top]) => ({ left: left / EXTENT, top: top / EXTENT }));
}
