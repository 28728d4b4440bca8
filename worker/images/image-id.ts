/** An image's id: its generation's, and its place in it. */
export function imageId(generationId: string, index: number): string {
  return `${generationId}-${index}`;
}

export function readImageId(id: string): { readonly generationId: string; readonly index: number } | null {
  const [, generationId, index] = /^([0-9a-z]+)-(\d{1,4})$/.exec(id) ?? [];
  return generationId === undefined ? null : { generationId, index: Number(index) };
}
