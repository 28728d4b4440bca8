/** An image's id: its generation's, and its place in it. */
export function imageId(generationId: string, index: number): string {
  return `${generationId}-${index}`;
}

/** The id of a latent's picture, where no generation made it. */
export function latentImageId(latentKey: string): string {
  return `latent-${latentKey}`;
}

/** The key of the latent whose picture an id names; null for an id of another kind. */
export function readLatentImageId(id: string): string | null {
  return /^latent-([0-9a-f]{64})$/.exec(id)?.[1] ?? null;
}

/** The id of the generation whose image an id names; null for an id of another kind. */
export function generationOfImage(id: string): string | null {
  return /^([0-9a-z]+)-\d{1,4}$/.exec(id)?.[1] ?? null;
}

/** The id of a contact sheet's picture. */
export function sheetImageId(sheetId: string): string {
  return `sheet-${sheetId}`;
}

/** The id of the contact sheet whose picture an id names; null for an id of another kind. */
export function readSheetImageId(id: string): string | null {
  return /^sheet-([0-9a-f]{32})$/.exec(id)?.[1] ?? null;
}
