/**
 * How much of each pixel lies within outlines, exactly, however small a part that is.
 *
 * Every edge adds, to the pixels that it crosses, how much of their height lies to its right; a running sum along the rows
 * then has, for every pixel, how much of it is inside. The idea is that of the rasterisers of Raph Levien's font-rs and of
 * FreeType's smooth one.
 */
export class Coverage {
  readonly width: number;
  readonly height: number;
  readonly #changes: Float32Array;
  readonly #stride: number;

  /** Pixels. */
  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    // What changes in a row's last pixel goes on in the one after it.
    this.#stride = width + 2;
    this.#changes = new Float32Array(this.#stride * height);
  }

  /** An edge of a closed outline. What lies above or below the box is left out; to its left and right nothing may. */
  edge(fromX: number, fromY: number, toX: number, toY: number): void {
    if (fromY === toY) return;
    const direction = fromY < toY ? 1 : -1;
    const [topX, topY, bottomX, bottomY] = direction === 1 ? [fromX, fromY, toX, toY] : [toX, toY, fromX, fromY];
    const slope = (bottomX - topX) / (bottomY - topY);
    const last = Math.min(Math.ceil(bottomY), this.height);
    for (let row = Math.max(Math.floor(topY), 0); row < last; row++) {
      const [begin, end] = [Math.max(topY, row), Math.min(bottomY, row + 1)];
      const [beginX, endX] = [topX + (begin - topY) * slope, topX + (end - topY) * slope];
      this.#inRow(row, Math.min(beginX, endX), Math.max(beginX, endX), direction * (end - begin));
    }
  }

  /**
   * Part of an edge that lies within one row.
   * @param height how much of the row's, with the edge's direction as its sign
   */
  #inRow(row: number, left: number, right: number, height: number): void {
    const first = Math.floor(left);
    if (right <= first + 1) {
      this.#inPixel(row, first, (left + right) / 2 - first, height);
      return;
    }
    const perPixel = height / (right - left);
    for (let pixel = first; pixel < right; pixel++) {
      const [begin, end] = [Math.max(left, pixel), Math.min(right, pixel + 1)];
      this.#inPixel(row, pixel, (begin + end) / 2 - pixel, perPixel * (end - begin));
    }
  }

  /** @param middle where the part's middle lies in the pixel, from 0 to 1 */
  #inPixel(row: number, pixel: number, middle: number, height: number): void {
    const at = row * this.#stride + pixel;
    this.#changes[at]! += height * (1 - middle);
    this.#changes[at + 1]! += height * middle;
  }

  /** From 0, outside, to 1, of each pixel: `[height, width]`. */
  values(): Float32Array {
    const values = new Float32Array(this.width * this.height);
    for (let row = 0; row < this.height; row++) {
      let inside = 0;
      for (let x = 0; x < this.width; x++) {
        inside += this.#changes[row * this.#stride + x]!;
        values[row * this.width + x] = Math.min(1, Math.abs(inside));
      }
    }
    return values;
  }
}
