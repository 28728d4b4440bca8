import type { DarkroomApi } from '../darkroom-api.ts';
import type { Scene } from '../exhibits.ts';

/** What every chapter of docs/autoencoders.md is made of. */
export interface Material {
  readonly api: DarkroomApi;
  /** Pixels a side of what the checkpoint makes. */
  readonly side: number;
  /** Of the checkpoint's own world, of that size: first those of one thing, then those of two. */
  readonly scenes: readonly Scene[];
  /** Of no world that it knows, of that size: PNG. */
  readonly foreign: Readonly<Record<'cat' | 'cup of coffee' | 'text', Uint8Array>>;
}

export interface Made {
  /** For docs/pictures, by their names without an ending. */
  readonly pictures: ReadonlyMap<string, Uint8Array>;
  /** For docs/autoencoders.md, by their names there. */
  readonly parts: Readonly<Record<string, string>>;
}

export type Chapter = (material: Material) => Promise<Made>;

/** As the document shows it. @param width in pixels of the page */
export function shown(name: string, width: number, says: string): string {
  return `<img src="pictures/${name}.webp" width="${width}" alt="${says}">`;
}
