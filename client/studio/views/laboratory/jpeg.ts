/** JPEG files as this browser writes them. */
export interface JpegFile {
  readonly file: Blob;
  /** 1 to 100. */
  readonly quality: number;
}

/** The best JPEG of at most so many bytes; where even the worst is larger, that one. */
export async function jpegOfSize(picture: ImageData, mostBytes: number): Promise<JpegFile> {
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  canvas.getContext('2d')!.putImageData(picture, 0, 0);
  const write = async (quality: number): Promise<JpegFile> => ({
    quality,
    file: await canvas.convertToBlob({ type: 'image/jpeg', quality: quality / 100 }),
  });
  let best = await write(1);
  for (let [low, high] = [2, 100]; low <= high; ) {
    const middle = (low + high) >> 1;
    const tried = await write(middle);
    if (tried.file.size <= mostBytes) [best, low] = [tried, middle + 1];
    else high = middle - 1;
  }
  return best;
}
