/** The pictures that the documentation's programs begin with: docs/exhibits. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

const folder = fileURLToPath(new URL('../docs/exhibits', import.meta.url));

export interface Scene {
  /** PNG */
  readonly file: Uint8Array;
  /** Such as "a fox on a black background". */
  readonly caption: string;
  /** Its name; null where there are two. */
  readonly thing: string | null;
  readonly background: string;
}

export interface PictureClass {
  readonly name: string;
  /** PNG; to learn from. */
  readonly examples: readonly Uint8Array[];
  /** PNG; to test with, in looks that the examples do not have. */
  readonly tests: readonly Uint8Array[];
}

/** How pictures lie on a sheet: row by row, all of the same size. */
interface Sheet {
  readonly side: number;
  readonly columns: number;
}

/** One of the single pictures, such as `cat.webp`. */
export async function exhibit(name: string): Promise<Uint8Array> {
  return await readFile(join(folder, name));
}

/** Scenes of the shipped checkpoint's world that training never drew. */
export async function heldOutScenes(): Promise<Scene[]> {
  const sheet = await description<{ scenes: Omit<Scene, 'file'>[] }>('scenes');
  const files = await cut('scenes', sheet, sheet.scenes.length);
  return sheet.scenes.map((scene, i) => ({ ...scene, file: files[i]! }));
}

/** Digits and garments in fonts and variants that training never drew. */
export async function digitsAndGarments(): Promise<PictureClass[]> {
  const sheet = await description<{ examples: number; classes: string[] }>('digits-and-garments');
  const { columns, classes } = sheet;
  const files = await cut('digits-and-garments', sheet, columns * classes.length);
  return classes.map((name, i) => {
    const row = files.slice(i * columns, (i + 1) * columns);
    return { name, examples: row.slice(0, sheet.examples), tests: row.slice(sheet.examples) };
  });
}

async function description<T>(name: string): Promise<Sheet & T> {
  return JSON.parse(await readFile(join(folder, `${name}.json`), 'utf8'));
}

async function cut(name: string, { side, columns }: Sheet, count: number): Promise<Uint8Array[]> {
  const { data, info } = await sharp(join(folder, `${name}.webp`))
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const whole = () => sharp(data, { raw: { width, height, channels } });
  return Promise.all(
    Array.from({ length: count }, (_, i) => {
      const area = { left: (i % columns) * side, top: Math.floor(i / columns) * side, width: side, height: side };
      return whole().extract(area).png().toBuffer();
    }),
  );
}
